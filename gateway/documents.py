"""From text to a document whose operations may run: parsed, validated and looked over once, remembered."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from gateway.bounds import BoundedArgument, bounded_arguments

MOST_TOKENS = 10_000
_REMEMBERED = 1000
_LONGEST_REMEMBERED = 16 * 1024


class Document(NamedTuple):
    """A document that may be executed, with the values that it gives to arguments with a greatest value."""

    node: DocumentNode
    operations: Mapping[str, OperationType]
    bounded: list[BoundedArgument]


class InvalidDocument(NamedTuple):
    """A document that may not."""

    errors: list[GraphQLError]


class Documents:
    """The documents of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        self._remembered = lru_cache(_REMEMBERED)(self._read)

    def read(self, text: str) -> Document | InvalidDocument:
        return self._remembered(text) if len(text) <= _LONGEST_REMEMBERED else self._read(text)

    def _read(self, text: str) -> Document | InvalidDocument:
        try:
            node = parse(text, max_tokens=MOST_TOKENS)
            errors = validate(self.schema, node)
        except GraphQLError as error:
            return InvalidDocument([error])
        except RecursionError:
            return InvalidDocument([GraphQLError("The document is nested too deeply.")])
        if errors:
            return InvalidDocument(errors)
        operations = {
            definition.name.value if definition.name else "": definition.operation
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(node, operations, bounded_arguments(self.schema, node))
