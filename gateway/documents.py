"""From text to a document whose operations may run: parsed, validated and looked over once, remembered."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    Source,
    parse,
    validate,
)

from gateway.bounds import BoundedArgument, bounded_arguments
from gateway.incremental.directives import without_incremental
from gateway.shapes import Shapes
from services.documents import hash_of

MOST_TOKENS = 10_000
_REMEMBERED = 1000
_LONGEST_REMEMBERED = 16 * 1024
_TOKEN = re.compile(r'''"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\#[^\n]*|[\w.-]+|[^\s,\ufeff]''')


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

    errors: list[GraphQLError]


class Documents:
    """The documents of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        self._remembered = lru_cache(_REMEMBERED)(self._read)
        self._trusted = lru_cache(_REMEMBERED)(self._read)

    def read(self, text: str) -> Document | InvalidDocument:
        return self._remembered(text) if len(text) <= _LONGEST_REMEMBERED else self._read(text)

    def read_trusted(self, text: str) -> Document | InvalidDocument:
        """Of somebody who is trusted: remembered whatever its length, and not forgotten because of what others send."""
        return self._trusted(text)

    def _read(self, text: str) -> Document | InvalidDocument:
        try:
            if _has_too_many_tokens(text):
                raise GraphQLSyntaxError(Source(text), 0, f"The document has more than {MOST_TOKENS} tokens.")
            node = parse(text, max_tokens=MOST_TOKENS, allow_empty_selection_sets=False)
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
        bounded, shapes = bounded_arguments(self.schema, node), Shapes(self.schema, node)
        return Document(hash_of(text), node, without_incremental(node), operations, bounded, shapes)


def _has_too_many_tokens(text: str) -> bool:
    """Counted roughly, and never too many: the parser counts too, but needs some 50 times as long until it knows.

    A comment is found like a token and is none, so as many more are let through.
    """
    if len(text) <= MOST_TOKENS:
        return False
    return next(islice(_TOKEN.finditer(text), MOST_TOKENS + text.count("#"), None), None) is not None
