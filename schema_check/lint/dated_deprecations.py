"""A deprecation has a removal date."""

from collections.abc import Iterator

from graphql import GraphQLSchema

from schema_check.changes.deprecations import reason_of, removal_date
from schema_check.changes.walk import elements


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yields the coordinate and message of each violation."""
    for coordinate, element in elements(schema):
        reason = reason_of(element)
        if reason is not None and not removal_date(reason):
            hint = "end its reason with 'Remove after YYYY-MM-DD'"
            yield coordinate, f"{coordinate} is deprecated without a removal date; {hint}."
