"""The elements that two schemas share, with their coordinates."""

from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

Element = GraphQLNamedType | GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue


class ElementPair(NamedTuple):
    """An element as it was and as it is; what is new has been nothing."""

    coordinate: str
    before: Element | None
    after: Element


def pairs(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[ElementPair]:
    """Every element of the later schema, beside the one of the earlier that has its coordinate and its kind."""
    known = dict(elements(before))
    for coordinate, element in elements(after):
        old = known.get(coordinate)
        yield ElementPair(coordinate, old if type(old) is type(element) else None, element)


def elements(schema: GraphQLSchema) -> Iterator[tuple[str, Element]]:
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, kind
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
                yield from _arguments(f"{name}.{field_name}", field)
        elif isinstance(kind, GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
        elif isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value
    for directive in schema.directives:
        yield from _arguments(f"@{directive.name}", directive)


def _arguments(of: str, owner: GraphQLField | GraphQLDirective) -> Iterator[tuple[str, Element]]:
    for name, argument in owner.args.items():
        yield f"{of}({name}:)", argument
