"""Prepares a Strawberry schema that an adopter passes to `create_app`."""

import logging

import strawberry

from engine.for_strawberry import declare

logger = logging.getLogger(__name__)


def declare_schema(schema: strawberry.Schema) -> tuple[strawberry.Schema, str]:
    """Declares a schema to the engine. Returns it with its SDL, and logs the parts that the server does not execute."""
    declare(schema)
    extensions = [_name_of(extension) for extension in schema.extensions]
    directives = [f"@{directive.graphql_name or directive.python_name}" for directive in schema.directives]
    if extensions or directives:
        logger.warning(
            "the schema has extensions or directives that this server does not execute: %s. Use field extensions, "
            "permission classes, or middleware of the application instead",
            ", ".join([*extensions, *directives]),
        )
    return schema, f"{schema.as_str()}\n"


def _name_of(extension: object) -> str:
    return getattr(extension, "__name__", type(extension).__name__)
