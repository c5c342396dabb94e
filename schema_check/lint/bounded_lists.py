"""A list of objects has a paging argument or a maximum size."""

from collections.abc import Iterator

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from schema_check.changes.applied import applied
from schema_check.operations.values import named_type

SIZES = {"first", "last", "limit", "ids", "take"}
"""Arguments that limit a list."""
PAGES = {"edges", "nodes"}
"""Lists in a connection. The arguments of the connection's field limit them."""


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yields the coordinate and message of each violation."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for field_name, field in kind.fields.items():
            many = is_list_type(get_nullable_type(field.type)) and is_composite_type(named_type(field.type))
            bounded = SIZES & set(field.args) or (field_name in PAGES and name.endswith("Connection"))
            if many and not bounded and applied(field, ("listSize",)) is None:
                yield (
                    f"{name}.{field_name}",
                    f"{name}.{field_name} is a list without a limit; add the argument 'first', or @listSize.",
                )
