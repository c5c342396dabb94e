"""A schema from its text: SDL, or the answer to an introspection query."""

import json
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
from graphql.validation.validate import validate_sdl

from gate.faults import GateError

MAX_BYTES = 32 * 1024 * 1024


class SchemaError(GateError):
    """A schema that cannot be used, and why, in one sentence."""


class LoadedSchema(NamedTuple):
    """A schema, and the text that lines are counted in."""

    name: str
    """How people call it: a file, `main:schema.graphql`, an address."""
    text: str
    schema: GraphQLSchema


def load_schema(text: str, name: str) -> LoadedSchema:
    if len(text) > MAX_BYTES:
        raise SchemaError(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    made = _from_introspection(text, name) if text.lstrip("\ufeff \t\r\n").startswith("{") else _from_sdl(text, name)
    wrong = validate_schema(made)
    if wrong:
        raise SchemaError(_sentence(wrong[0], name))
    return LoadedSchema(name, text, made)


def parse_sdl(text: str, name: str) -> DocumentNode:
    try:
        return parse(Source(text, name))
    except GraphQLError as error:
        raise SchemaError(_sentence(error, name)) from None


def _from_sdl(text: str, name: str) -> GraphQLSchema:
    document = parse_sdl(text, name)
    wrong = validate_sdl(document)
    if wrong:
        raise SchemaError(_sentence(wrong[0], name))
    try:
        return build_ast_schema(document, assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise SchemaError(f"{name} is no schema: {error}") from None


def _from_introspection(text: str, name: str) -> GraphQLSchema:
    try:
        answer: Any = json.loads(text)
        data: Any = answer.get("data", answer)
        return build_client_schema(data)
    except (ValueError, RecursionError):
        raise SchemaError(f"{name} is not JSON.") from None
    except (GraphQLError, TypeError, AttributeError, KeyError):
        raise SchemaError(f"{name} is not the answer to an introspection query.") from None


def _sentence(error: GraphQLError, name: str) -> str:
    line = f":{error.locations[0].line}" if error.locations else ""
    return f"{name}{line} is no valid schema: {' '.join(error.message.split())}"
