"""Finds required arguments and input fields that lost their default. Omitting them is no longer valid.

graphql-core reports these as changed defaults, which are only dangerous.
"""

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLSchema,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import pairs


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        if isinstance(old, GraphQLArgument) and isinstance(new, GraphQLArgument):
            if is_non_null_type(old.type) and not is_required_argument(old) and is_required_argument(new):
                yield _lost(coordinate, "REQUIRED_ARG_DEFAULT_REMOVED", "ARG_DEFAULT_VALUE_CHANGE")
        elif (
            isinstance(old, GraphQLInputField)
            and isinstance(new, GraphQLInputField)
            and is_non_null_type(old.type)
            and not is_required_input_field(old)
            and is_required_input_field(new)
        ):
            yield _lost(coordinate, "REQUIRED_INPUT_FIELD_DEFAULT_REMOVED", "INPUT_FIELD_DEFAULT_VALUE_CHANGE")


def _lost(coordinate: str, code: str, instead_of: str) -> SchemaChange:
    message = f"{coordinate} is required and lost its default."
    return SchemaChange(code, Severity.BREAKING, coordinate, message, instead_of=instead_of)
