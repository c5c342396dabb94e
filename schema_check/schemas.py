"""A schema from its text: SDL, or the answer to an introspection query."""

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
    """A schema that cannot be used, and why, in one sentence."""


class SchemaIssue(NamedTuple):
    """Why validation refuses a schema that can be built, and where."""

    message: str
    place: str
    is_of_text: bool = False
    """Whether the schema's text shows it, and the answer to an introspection query does not."""

    @property
    def key(self) -> str:
        """The message without suggestions, which depend on the rest of the schema."""
        return self.message.split(" Did you mean ")[0]


class LoadedSchema(NamedTuple):
    """A schema, and the text that lines are counted in."""

    name: str
    """How people call it: a file, `main:schema.graphql`, an address."""
    text: str
    schema: GraphQLSchema
    issues: Sequence[SchemaIssue] = ()
    """Servers that validate by older rules, or not at all, run with such a schema."""
    is_introspection: bool = False


def load_schema(text: str, name: str) -> LoadedSchema:
    if len(text) > MAX_BYTES:
        raise SchemaError(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    is_introspection = text.lstrip("\ufeff \t\r\n").startswith("{")
    schema, wrong = (_from_introspection if is_introspection else _from_sdl)(text, name)
    invalid = validate_schema(schema)
    if invalid:
        # graphql-core validates no document against a schema that it knows to be invalid.
        parts = schema.to_kwargs()
        parts["assume_valid"] = True
        schema = GraphQLSchema(**parts)
    issues = [
        SchemaIssue(_message(error), _place(error, name), is_of_text)
        for errors, is_of_text in ((wrong, True), (invalid, False))
        for error in errors
    ]
    return LoadedSchema(name, text, schema, issues, is_introspection)


def find_schema_issues(before: LoadedSchema, after: LoadedSchema) -> list[str]:
    """Returns the issues of two schemas, in sentences; `SchemaError` for one that only the later has."""
    issues = {issue.key: issue for issue in before.issues}
    for issue in after.issues:
        if issue.key not in issues:
            if not (issue.is_of_text and before.is_introspection):
                raise SchemaError(f"{issue.place} is no valid schema: {issue.message}")
            issues[issue.key] = issue
    return [
        f"{issue.place} is no valid schema, and is compared nevertheless: {issue.message}" for issue in issues.values()
    ]


def parse_sdl(text: str, name: str) -> DocumentNode:
    try:
        return parse(Source(text, name))
    except GraphQLError as error:
        raise SchemaError(_sentence(error, name)) from None


def _from_sdl(text: str, name: str) -> tuple[GraphQLSchema, Sequence[GraphQLError]]:
    written = parse_sdl(text, name)
    document = with_definitions(written)
    for error in build_errors(document):
        raise SchemaError(_sentence(error, name))
    try:
        return build_ast_schema(document, assume_valid_sdl=True), validation_errors(written)
    except GraphQLError as error:
        cause = error.__cause__
        raise SchemaError(_sentence(cause if isinstance(cause, GraphQLError) else error, name)) from None
    except TypeError as error:
        raise SchemaError(f"{name} is no schema: {error}") from None


def _from_introspection(text: str, name: str) -> tuple[GraphQLSchema, Sequence[GraphQLError]]:
    try:
        answer: Any = json.loads(text)
        return build_client_schema(answer.get("data", answer)), []
    except (ValueError, RecursionError):
        raise SchemaError(f"{name} is not JSON.") from None
    except (GraphQLError, TypeError, AttributeError, KeyError):
        raise SchemaError(f"{name} is not the answer to an introspection query.") from None


def _sentence(error: GraphQLError, name: str) -> str:
    return f"{_place(error, name)} is no valid schema: {_message(error)}"


def _message(error: GraphQLError) -> str:
    return " ".join(error.message.split())


def _place(error: GraphQLError, name: str) -> str:
    return f"{name}:{error.locations[0].line}" if error.locations else name
