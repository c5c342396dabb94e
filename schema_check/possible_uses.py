"""What a version may do of which a usage export tells only the fields. What the export cannot tell counts as used."""

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
    """Of a field that was selected: its arguments may be given with any value, or left out."""
    uses = Uses(fields={coordinate})
    type_name, _, name = coordinate.partition(".")
    parent = schema.get_type(type_name)
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or name not in parent.fields:
        return uses
    field = parent.fields[name]
    behind = schema.get_possible_types(parent) if isinstance(parent, GraphQLInterfaceType) else ()
    uses.through |= {f"{each.name}.{name}" for each in behind}
    kind = named_type(field.type)
    uses.types |= {*_may_match(parent, schema), *_may_match(kind, schema)}
    if is_leaf_type(kind) or is_abstract_type(kind):
        uses.reads.add(kind.name)
    values = ValueUses(schema, uses)
    for of in (coordinate, *uses.through):
        values.may_give(of, field.args)
    return uses


def possible_uses_of_directives(schema: GraphQLSchema) -> Uses:
    """Of any directive that an operation may carry, anywhere, with any arguments."""
    uses = Uses()
    values = ValueUses(schema, uses)
    for directive in schema.directives:
        places = [place.name for place in directive.locations if place in _EXECUTABLE]
        if places:
            uses.elements |= {f"@{directive.name}", *_ways(directive, places)}
            values.may_give(f"@{directive.name}", directive.args)
    return uses


def possible_uses_of_any_operation(schema: GraphQLSchema) -> Uses:
    """Of a version whose fields are not all known: it may use any."""
    uses = possible_uses_of_directives(schema)
    for each in _coordinates(schema):
        field = possible_uses_of_field(each, schema)
        uses.fields |= field.fields
        uses.through |= field.through
        uses.elements |= field.elements
        uses.left_out |= field.left_out
        uses.types |= field.types
        uses.reads |= field.reads
    return uses


def _ways(directive: GraphQLDirective, places: Iterable[str]) -> set[str]:
    on = {f"@{directive.name} on {place}" for place in places}
    return on | ({f"@{directive.name} repeated"} if directive.is_repeatable else set[str]())


def _may_match(kind: GraphQLNamedType, schema: GraphQLSchema) -> set[str]:
    """The types that a condition may name where this one is: an export does not tell conditions."""
    names = {kind.name}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        names |= {each.name for each in kind.interfaces}
    if is_abstract_type(kind):
        names |= {each.name for each in schema.get_possible_types(kind)}
    return names


def _coordinates(schema: GraphQLSchema) -> Iterable[str]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            yield from (f"{kind.name}.{name}" for name in kind.fields)
