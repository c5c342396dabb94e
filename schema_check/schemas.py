"""Loads schemas from SDL or from the result of an introspection query."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Source,
    build_ast_schema,
    build_client_schema,
    parse,
    validate_schema,
)

from schema_check.errors import SchemaCheckError
from schema_check.sdl import build_errors, validation_errors, with_definitions

MAX_BYTES = 32 * 1024 * 1024


class SchemaError(SchemaCheckError):
    """Raised for a schema that cannot be used. Its message is one sentence."""


class SchemaIssue(NamedTuple):
    """Describes a validation error of a schema that can be built nevertheless."""

    message: str
    location: str
    is_of_sdl: bool = False
    """True when only SDL shows the error. An introspection result does not contain it."""

    @property
    def key(self) -> str:
        """The message without suggestions, which depend on the rest of the schema."""
        return self.message.split(" Did you mean ")[0]


class LoadedSchema(NamedTuple):
    """Holds a schema and the text that it was built from."""

    name: str
    """The name for messages: a file, `main:schema.graphql`, a URL."""
    text: str
    schema: GraphQLSchema
    issues: Sequence[SchemaIssue] = ()
    """The validation errors. Servers with older validation rules, or none, can run such a schema."""
    is_introspection: bool = False


def load_schema(text: str, name: str) -> LoadedSchema:
    """Returns the schema of SDL or of an introspection result. Raises `SchemaError` when it cannot be built."""
    if len(text) > MAX_BYTES:
        raise SchemaError(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    is_introspection = text.lstrip("\ufeff \t\r\n").startswith("{")
    schema, sdl_errors = (_from_introspection if is_introspection else _from_sdl)(text, name)
    schema_errors = validate_schema(schema)
    if schema_errors:
        # graphql-core does not validate documents against a schema with validation errors.
        parts = schema.to_kwargs()
        parts["assume_valid"] = True
        schema = GraphQLSchema(**parts)
    issues = [
        SchemaIssue(_message(error), _location(error, name), is_of_sdl)
        for errors, is_of_sdl in ((sdl_errors, True), (schema_errors, False))
        for error in errors
    ]
    return LoadedSchema(name, text, schema, issues, is_introspection)


def find_schema_issues(before: LoadedSchema, after: LoadedSchema) -> list[str]:
    """Returns one sentence for each validation error. Raises `SchemaError` for one that only the later schema has."""
    issues = {issue.key: issue for issue in before.issues}
    for issue in after.issues:
        if issue.key not in issues:
            if not (issue.is_of_sdl and before.is_introspection):
                raise SchemaError(f"{issue.location} is not a valid schema: {issue.message}")
            issues[issue.key] = issue
    return [
        f"{issue.location} is not a valid schema, but is compared anyway: {issue.message}" for issue in issues.values()
    ]


def parse_sdl(text: str, name: str) -> DocumentNode:
    """Returns the syntax tree of SDL. Raises `SchemaError` with the line of a syntax error."""
    try:
        return parse(Source(text, name))
    except GraphQLError as error:
        raise SchemaError(_sentence(error, name)) from None


def _from_sdl(text: str, name: str) -> tuple[GraphQLSchema, Sequence[GraphQLError]]:
    source = parse_sdl(text, name)
    document = with_definitions(source)
    for error in build_errors(document):
        raise SchemaError(_sentence(error, name))
    try:
        return build_ast_schema(document, assume_valid_sdl=True), validation_errors(source)
    except GraphQLError as error:
        cause = error.__cause__
        raise SchemaError(_sentence(cause if isinstance(cause, GraphQLError) else error, name)) from None
    except TypeError as error:
        raise SchemaError(f"{name} is not a schema: {error}") from None


def _from_introspection(text: str, name: str) -> tuple[GraphQLSchema, Sequence[GraphQLError]]:
    try:
        response: Any = json.loads(text)
        return build_client_schema(response.get("data", response)), []
    except (ValueError, RecursionError):
        raise SchemaError(f"{name} is not JSON.") from None
    except (GraphQLError, TypeError, AttributeError, KeyError):
        raise SchemaError(f"{name} is not the result of an introspection query.") from None


def _sentence(error: GraphQLError, name: str) -> str:
    return f"{_location(error, name)} is not a valid schema: {_message(error)}"


def _message(error: GraphQLError) -> str:
    return " ".join(error.message.split())


def _location(error: GraphQLError, name: str) -> str:
    return f"{name}:{error.locations[0].line}" if error.locations else name
