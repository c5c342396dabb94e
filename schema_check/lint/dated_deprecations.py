"""What is deprecated says when it goes."""

from collections.abc import Iterator

from graphql import GraphQLSchema

from schema_check.changes.deprecations import day_of, reason_of
from schema_check.changes.walk import elements


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for coordinate, element in elements(schema):
        reason = reason_of(element)
        if reason is not None and not day_of(reason):
            said = "is deprecated without a day; end its reason with 'Remove after YYYY-MM-DD'."
            yield coordinate, f"{coordinate} {said}"
