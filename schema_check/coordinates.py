"""Finds schema elements by their coordinates."""

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
    """Raised when no element of the schema has this coordinate."""


def find_element(schema: GraphQLSchema, coordinate: str) -> Element:
    """Returns the element at a coordinate. Raises `UnknownCoordinate`, which suggests similar ones."""
    known = dict(elements(schema))
    if coordinate not in known:
        close = get_close_matches(coordinate, known, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Examples: User, User.handle, User.posts(first:)."
        raise UnknownCoordinate(f"The schema has no element {coordinate}. {hint}")
    return known[coordinate]


def removal_of(coordinate: str, element: Element) -> SchemaChange:
    """Returns the change that removes the element."""
    return SchemaChange(
        CODES.get(type(element), "TYPE_REMOVED"), Severity.BREAKING, coordinate, f"{coordinate} was removed."
    )
