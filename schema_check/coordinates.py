"""Coordinates that people type."""

from difflib import get_close_matches

from graphql import (
    GraphQLArgument,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLSchema,
)

from schema_check.changes import SchemaChange, Severity
from schema_check.changes.walk import Element, elements
from schema_check.errors import SchemaCheckError

CODES: dict[type, str] = {
    GraphQLField: "FIELD_REMOVED",
    GraphQLInputField: "FIELD_REMOVED",
    GraphQLArgument: "ARG_REMOVED",
    GraphQLEnumValue: "VALUE_REMOVED_FROM_ENUM",
}


class UnknownCoordinate(SchemaCheckError):
    """Nothing in the schema has this coordinate."""


def find_element(schema: GraphQLSchema, coordinate: str) -> Element:
    known = dict(elements(schema))
    if coordinate not in known:
        close = get_close_matches(coordinate, known, n=3)
        more = f" Is it {', '.join(close)}?" if close else " Write it like User, User.handle or User.posts(first:)."
        raise UnknownCoordinate(f"The schema has no {coordinate}.{more}")
    return known[coordinate]


def removal_of(coordinate: str, element: Element) -> SchemaChange:
    """What it would be to take it away."""
    return SchemaChange(
        CODES.get(type(element), "TYPE_REMOVED"), Severity.BREAKING, coordinate, f"{coordinate} was removed."
    )
