"""From text to a document whose operations may run: parsed, validated and looked over once, remembered."""

import re
from collections.abc import Mapping
from functools import lru_cache, partial
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
from gateway.guard import RULES, TRUSTED_RULES, Limits, check_size
from gateway.incremental.directives import without_incremental
from gateway.shapes import Shapes
from services.documents import hash_of

LONGEST_SENT = 64 * 1024
"""Of a document that nobody has registered. What does not belong into it, like a file, belongs into its variables."""
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
    """The documents of one schema; `limits` are for those that nobody has registered."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        self._sent = partial(self._read, limits)
        self._remembered = lru_cache(_REMEMBERED)(self._sent)
        self._trusted = lru_cache(_REMEMBERED)(partial(self._read, None))

    def read(self, text: str) -> Document | InvalidDocument:
        return self._remembered(text) if len(text) <= _LONGEST_REMEMBERED else self._sent(text)

    def read_trusted(self, text: str) -> Document | InvalidDocument:
        """Of somebody who is trusted: as large as it likes, and not forgotten because of what others send."""
        return self._trusted(text)

    def _read(self, limits: Limits | None, text: str) -> Document | InvalidDocument:
        try:
            node, errors = self._sound(text, limits)
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

    def _sound(self, text: str, limits: Limits | None) -> tuple[DocumentNode, list[GraphQLError]]:
        """What the text says, and what is wrong with it."""
        if limits is None:
            node = parse(text, allow_empty_selection_sets=False)
            return node, validate(self.schema, node, TRUSTED_RULES)
        if len(text) > LONGEST_SENT:
            raise GraphQLSyntaxError(Source(""), 0, f"The document is longer than {LONGEST_SENT:,} characters.")
        if _has_more_tokens(text, limits.tokens):
            raise GraphQLSyntaxError(Source(""), 0, f"The document has more than {limits.tokens:,} tokens.")
        node = parse(text, max_tokens=limits.tokens, allow_empty_selection_sets=False)
        check_size(node, limits)
        return node, validate(self.schema, node, RULES)


def _has_more_tokens(text: str, most: int) -> bool:
    """Counted roughly, and never too many: the parser counts too, but needs some 50 times as long until it knows.

    A comment is found like a token and is none, so as many more are let through.
    """
    if len(text) <= most:
        return False
    return next(islice(_TOKEN.finditer(text), most + text.count("#"), None), None) is not None
