"""Every element has a description."""

from collections.abc import Iterator

from graphql import GraphQLSchema

from schema_check.changes.walk import elements


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yields the coordinate and message of each violation."""
    for coordinate, element in elements(schema):
        if not element.description and not coordinate.startswith("@"):
            yield coordinate, f"{coordinate} has no description."
