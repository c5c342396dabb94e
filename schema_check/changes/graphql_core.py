"""Converts the changes that graphql-core finds. It gives their coordinates only in sentences, which are parsed here."""

import re
from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLSchema
from graphql.utilities import BreakingChangeType, DangerousChangeType, SafeChangeType, find_schema_changes

from schema_check.changes.types import SchemaChange, Severity

SEVERITIES = {
    BreakingChangeType: Severity.BREAKING,
    DangerousChangeType: Severity.DANGEROUS,
    SafeChangeType: Severity.SAFE,
}

_C = r"(?P<coordinate>@?\w+(?:\.\w+)?(?:\(\w+:\))?)"
_MEMBER = r"(?P<member>\w+)"
SENTENCES: dict[str, str] = {
    "TYPE_REMOVED": rf"(?:Standard scalar )?{_C} was removed",
    "TYPE_CHANGED_KIND": rf"{_C} changed from",
    "TYPE_REMOVED_FROM_UNION": rf"{_MEMBER} was removed from union type {_C}\.",
    "VALUE_REMOVED_FROM_ENUM": rf"Enum value {_C} was removed",
    "REQUIRED_INPUT_FIELD_ADDED": rf"A required field {_C} was added",
    "IMPLEMENTED_INTERFACE_REMOVED": rf"{_C} no longer implements interface {_MEMBER}\.",
    "FIELD_REMOVED": rf"Field {_C} was removed",
    "FIELD_CHANGED_KIND": rf"Field {_C} changed type",
    "REQUIRED_ARG_ADDED": rf"A required argument {_C} was added",
    "ARG_REMOVED": rf"Argument {_C} was removed",
    "ARG_CHANGED_KIND": rf"Argument {_C} has changed type",
    "DIRECTIVE_REMOVED": rf"Directive {_C} was removed",
    "DIRECTIVE_ARG_REMOVED": rf"Argument {_C} was removed",
    "REQUIRED_DIRECTIVE_ARG_ADDED": rf"A required argument {_C} was added",
    "DIRECTIVE_REPEATABLE_REMOVED": rf"Repeatable flag was removed from {_C}\.",
    "DIRECTIVE_LOCATION_REMOVED": rf"{_MEMBER} was removed from {_C}\.",
    "VALUE_ADDED_TO_ENUM": rf"Enum value {_C} was added",
    "TYPE_ADDED_TO_UNION": rf"{_MEMBER} was added to union type {_C}\.",
    "OPTIONAL_INPUT_FIELD_ADDED": rf"An optional field {_C} was added",
    "OPTIONAL_ARG_ADDED": rf"An optional argument {_C} was added",
    "IMPLEMENTED_INTERFACE_ADDED": rf"{_MEMBER} added to interfaces implemented by {_C}\.",
    "ARG_DEFAULT_VALUE_CHANGE": rf"{_C} (?:defaultValue was|has changed)",
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": rf"{_C} (?:defaultValue was|has changed)",
    "TYPE_ADDED": rf"{_C} was added",
    "DIRECTIVE_ADDED": rf"Directive {_C} was added",
    "FIELD_ADDED": rf"Field {_C} was added",
    "DIRECTIVE_REPEATABLE_ADDED": rf"Repeatable flag was added to {_C}\.",
    "DIRECTIVE_LOCATION_ADDED": rf"{_MEMBER} was added to {_C}\.",
    "OPTIONAL_DIRECTIVE_ARG_ADDED": rf"An optional argument {_C} was added",
    "FIELD_CHANGED_KIND_SAFE": rf"Field {_C} changed type",
    "ARG_CHANGED_KIND_SAFE": rf"Argument {_C} has changed type",
    "ARG_DEFAULT_VALUE_ADDED": rf"{_C} added a defaultValue",
    "INPUT_FIELD_DEFAULT_VALUE_ADDED": rf"{_C} added a defaultValue",
    # "field" and "argument" may also be type names. As keywords they are followed by a coordinate with a dot.
    "DESCRIPTION_CHANGED": r"Description of (?:(?:field|argument|enum value|input-field) (?=\w+\.))?"
    r"(?P<coordinate>@?\w+(?:\.\w+)?(?:\(\w+\))?) has changed",
}


def graphql_core_changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    """Yields the changes that graphql-core finds. Raises `LookupError` for a sentence that has no pattern here."""
    for change in find_schema_changes(before, after):
        code, message = change.type.name, change.description
        match = re.match(SENTENCES[code], message)
        if not match:
            raise LookupError(f"graphql-core describes {code} with the unknown sentence {message!r}")
        coordinate, member = match["coordinate"], match.groupdict().get("member") or ""
        if code == "DESCRIPTION_CHANGED":
            # For a directive's argument, graphql-core names only the directive, twice.
            coordinate = re.sub(r"\(\w+\)", "", coordinate) if coordinate[0] == "@" else coordinate.replace(")", ":)")
            message = f"The description of {coordinate} changed."
        of_input = _is_input_field(coordinate, before)
        yield SchemaChange(code, SEVERITIES[type(change.type)], coordinate, message, member, of_input=of_input)


def _is_input_field(coordinate: str, schema: GraphQLSchema) -> bool:
    type_name, dot, _ = coordinate.partition(".")
    return bool(dot) and isinstance(schema.get_type(type_name), GraphQLInputObjectType)
