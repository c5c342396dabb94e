"""A list of objects is asked for page by page, or says how long it may be."""

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
"""Arguments that bound a list."""
PAGES = {"edges", "nodes"}
"""Lists in a page, which is bounded where it is asked for."""


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for field_name, field in kind.fields.items():
            many = is_list_type(get_nullable_type(field.type)) and is_composite_type(named_type(field.type))
            bounded = SIZES & set(field.args) or (field_name in PAGES and name.endswith("Connection"))
            if many and not bounded and applied(field, ("listSize",)) is None:
                yield (
                    f"{name}.{field_name}",
                    f"{name}.{field_name} is a list without a bound; give it 'first', or @listSize.",
                )
