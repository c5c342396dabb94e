"""From text to a document whose operations may run: parsed, validated and looked over once, remembered."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
)

from gateway.bounds import BoundedArgument, bounded_arguments
from gateway.errors import Fault
from gateway.guard import Limits, check_size, check_text, validate_sent, validate_trusted
from gateway.incremental.directives import without_incremental
from gateway.recent import Recent
from gateway.shapes import Shapes
from services.documents import hash_of

_REMEMBERED = 1024 * 1024
"""Characters of documents: some 700 screens."""


class Document(NamedTuple):
    """A document that may be executed, with the values that it gives to arguments with a greatest value.

    `whole` is the document for an answer in one piece: where nothing is deferred, it is `node` itself.
    It is known by the SHA-256 of its text, in hexadecimal digits.
    """

    hash: str
    node: DocumentNode
    whole: DocumentNode
    operations: Mapping[str, OperationType]
    bounded: list[BoundedArgument]
    shapes: Shapes


class InvalidDocument(NamedTuple):
    """A document that may not."""

    faults: list[Fault]


class Documents:
    """The documents of one schema; `limits` are for those that nobody has registered."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        self._sent = Recent(partial(self._read, limits), _REMEMBERED)
        self._trusted = Recent(partial(self._read, None), _REMEMBERED)

    def read(self, text: str) -> Document | InvalidDocument:
        return self._sent.of(text)

    def read_trusted(self, text: str) -> Document | InvalidDocument:
        """Of somebody who is trusted: as large as it likes, and not forgotten because of what others send."""
        return self._trusted.of(text)

    def _read(self, limits: Limits | None, text: str) -> Document | InvalidDocument:
        try:
            node, errors = self._sound(text, limits)
        except GraphQLError as error:
            return _invalid([error])
        except RecursionError:
            return _invalid([GraphQLError("The document is nested too deeply.")])
        if errors:
            return _invalid(errors)
        operations = {
            definition.name.value if definition.name else "": definition.operation
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        bounded, shapes = bounded_arguments(self.schema, node), Shapes(self.schema, node)
        return Document(hash_of(text), node, without_incremental(node), operations, bounded, shapes)

    def _sound(self, text: str, limits: Limits | None) -> tuple[DocumentNode, list[GraphQLError]]:
        """What the text says, and what is wrong with it."""
        if limits is None:
            node = parse(text, allow_empty_selection_sets=False)
            return node, validate_trusted(self.schema, node)
        check_text(text, limits)
        node = parse(text, max_tokens=limits.tokens, allow_empty_selection_sets=False)
        check_size(node, limits)
        return node, validate_sent(self.schema, node)


def _invalid(errors: list[GraphQLError]) -> InvalidDocument:
    return InvalidDocument([Fault.of(error) for error in errors])
