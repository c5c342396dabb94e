"""Iterates over the elements of schemas with their coordinates."""

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
    """Holds an element of the later schema and its counterpart in the earlier one. `before` is None for a new one."""

    coordinate: str
    before: Element | None
    after: Element


def pairs(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[ElementPair]:
    """Yields every element of the later schema with the earlier one of the same coordinate and kind."""
    old_elements = dict(elements(before))
    for coordinate, element in elements(after):
        old = old_elements.get(coordinate)
        yield ElementPair(coordinate, old if type(old) is type(element) else None, element)


def elements(schema: GraphQLSchema) -> Iterator[tuple[str, Element]]:
    """Yields the types, fields, arguments and enum values of a schema with their coordinates."""
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


def _arguments(coordinate: str, owner: GraphQLField | GraphQLDirective) -> Iterator[tuple[str, Element]]:
    for name, argument in owner.args.items():
        yield f"{coordinate}({name}:)", argument
