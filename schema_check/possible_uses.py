"""Estimates what an app version uses when only a usage export is known.

A usage export lists fields only. Everything else that a version may use with them counts as used.
"""

from collections.abc import Iterable

from graphql import (
    GraphQLDirective,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
)
from graphql.language import DirectiveLocation

from schema_check.operations import Uses
from schema_check.operations.values import ValueUses, named_type

_EXECUTABLE = {
    DirectiveLocation.QUERY,
    DirectiveLocation.MUTATION,
    DirectiveLocation.SUBSCRIPTION,
    DirectiveLocation.FIELD,
    DirectiveLocation.FRAGMENT_DEFINITION,
    DirectiveLocation.FRAGMENT_SPREAD,
    DirectiveLocation.INLINE_FRAGMENT,
    DirectiveLocation.VARIABLE_DEFINITION,
}


def possible_uses_of_field(coordinate: str, schema: GraphQLSchema) -> Uses:
    """Returns the uses of a selected field. Its arguments may have any value, or be omitted."""
    uses = Uses(fields={coordinate})
    type_name, _, name = coordinate.partition(".")
    parent = schema.get_type(type_name)
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or name not in parent.fields:
        return uses
    field = parent.fields[name]
    implementations = schema.get_possible_types(parent) if isinstance(parent, GraphQLInterfaceType) else ()
    uses.implementations |= {f"{implementation.name}.{name}" for implementation in implementations}
    kind = named_type(field.type)
    uses.types |= {*_conditions(parent, schema), *_conditions(kind, schema)}
    if is_leaf_type(kind) or is_abstract_type(kind):
        uses.output_types.add(kind.name)
    values = ValueUses(schema, uses)
    for owner in (coordinate, *uses.implementations):
        values.note_possible_arguments(owner, field.args)
    return uses


def possible_uses_of_directives(schema: GraphQLSchema) -> Uses:
    """Returns the uses of an operation that has any directive, at any location, with any arguments."""
    uses = Uses()
    values = ValueUses(schema, uses)
    for directive in schema.directives:
        locations = [location.name for location in directive.locations if location in _EXECUTABLE]
        if locations:
            uses.elements |= {f"@{directive.name}", *_directive_uses(directive, locations)}
            values.note_possible_arguments(f"@{directive.name}", directive.args)
    return uses


def possible_uses_of_any_operation(schema: GraphQLSchema) -> Uses:
    """Returns the uses of a version that may select any field of the schema."""
    uses = possible_uses_of_directives(schema)
    for coordinate in _coordinates(schema):
        field = possible_uses_of_field(coordinate, schema)
        uses.fields |= field.fields
        uses.implementations |= field.implementations
        uses.elements |= field.elements
        uses.omitted |= field.omitted
        uses.types |= field.types
        uses.output_types |= field.output_types
    return uses


def _directive_uses(directive: GraphQLDirective, locations: Iterable[str]) -> set[str]:
    uses = {f"@{directive.name} on {location}" for location in locations}
    return uses | ({f"@{directive.name} repeated"} if directive.is_repeatable else set[str]())


def _conditions(kind: GraphQLNamedType, schema: GraphQLSchema) -> set[str]:
    """Returns the types that a type condition may name for a value of this type. Exports contain no conditions."""
    names = {kind.name}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        names |= {interface.name for interface in kind.interfaces}
    if is_abstract_type(kind):
        names |= {possible.name for possible in schema.get_possible_types(kind)}
    return names


def _coordinates(schema: GraphQLSchema) -> Iterable[str]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            yield from (f"{kind.name}.{name}" for name in kind.fields)
