"""From text to a document whose operations may run: parsed, validated and looked over once, remembered."""

import asyncio
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

from engine import definitions_of, plans_of
from engine.untracked import untrack_document
from gateway.documents.argument_limits import LimitedArgument, limited_arguments
from gateway.documents.fair_executor import FairExecutor
from gateway.documents.guard import DocumentLimits, check_size, check_text, validate_sent, validate_trusted
from gateway.documents.incremental_directives import without_incremental
from gateway.documents.lru_cache import LruCache
from gateway.documents.shapes import Shapes
from gateway.errors.graphql_errors import DocumentError
from services.documents import hash_of

MAX_SENT_OBJECTS = 200_000
"""Objects of remembered documents: about 400 screens, and 50 MiB with their plans."""
MAX_TRUSTED_OBJECTS = 600_000
_CHARACTERS = 64
"""Of a text, as heavy as an object."""
_ERROR = 6
"""Objects of an error that is remembered."""
_EACH = 10
"""Objects of a document beside those of its syntax tree."""


class Document(NamedTuple):
    """A document that may be executed, with the values that it gives to arguments with a greatest value.

    `whole` is the document for an answer in one piece: where nothing is deferred, it is `node` itself.
    It is known by the SHA-256 of its text, in hexadecimal digits.
    """

    hash: str
    node: DocumentNode
    whole: DocumentNode
    operations: Mapping[str, OperationType]
    limited_arguments: list[LimitedArgument]
    shapes: Shapes
    objects: int


class InvalidDocument(NamedTuple):
    """A document that may not."""

    errors: list[DocumentError]


Read = Document | InvalidDocument


class Documents:
    """The documents of one schema; `limits` are for those that nobody has registered."""

    def __init__(self, schema: strawberry.Schema, limits: DocumentLimits) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        definitions_of(self.schema).untracked = True
        self._limits = limits
        self._sent = LruCache(partial(self._read, limits), MAX_SENT_OBJECTS, _weight, self._forget)
        self._trusted = LruCache(partial(self._read, None), MAX_TRUSTED_OBJECTS, _weight, self._forget)
        self._turns = FairExecutor[Read]()
        self._reading: dict[tuple[bool, str], asyncio.Future[Read]] = {}
        self.known = self._sent.known
        self.known_trusted = self._trusted.known

    def read(self, text: str) -> Read:
        return self._sent.of(text)

    def read_trusted(self, text: str) -> Read:
        """Of somebody who is trusted: as large as it likes, and not forgotten because of what others send."""
        return self._trusted.of(text)

    async def read_in_turn(self, text: str, address: str, *, trusted: bool = False) -> Read:
        """Reads a document that is not known, on a thread; `RequestError` when too many wait to be read.

        It is read to its end, also when the client does not wait: others may wait for the same document.
        """
        key = trusted, text
        reading = self._reading.get(key)
        if reading is None:
            reading = self._turns.submit(address, partial(self._read, None if trusted else self._limits, text))
            self._reading[key] = reading
            reading.add_done_callback(partial(self._keep, key))
        return await asyncio.shield(reading)

    def close(self) -> None:
        """Ends the thread, and drops the plans, which would keep the schema alive."""
        self._turns.close()
        plans_of(self.schema).clear()

    def _keep(self, key: tuple[bool, str], reading: asyncio.Future[Read]) -> None:
        del self._reading[key]
        trusted, text = key
        if not reading.cancelled() and reading.exception() is None:
            recent = self._trusted if trusted else self._sent
            if recent.known(text) is None:
                recent.keep(text, reading.result())

    def _forget(self, document: Read) -> None:
        if isinstance(document, Document):
            plans = plans_of(self.schema)
            plans.forget(document.node)
            plans.forget(document.whole)

    def _read(self, limits: DocumentLimits | None, text: str) -> Read:
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
        arguments, shapes = limited_arguments(self.schema, node), Shapes(self.schema, node)
        whole = without_incremental(node)
        objects = untrack_document(node) + (untrack_document(whole) if whole is not node else 0)
        return Document(hash_of(text), node, whole, operations, arguments, shapes, objects)

    def _sound(self, text: str, limits: DocumentLimits | None) -> tuple[DocumentNode, list[GraphQLError]]:
        """What the text says, and what is wrong with it."""
        if limits is None:
            node = parse(text, allow_empty_selection_sets=False)
            return node, validate_trusted(self.schema, node)
        check_text(text, limits)
        node = parse(text, max_tokens=limits.tokens, allow_empty_selection_sets=False)
        check_size(node, limits)
        return node, validate_sent(self.schema, node)


def _weight(text: str, document: Read) -> int:
    if isinstance(document, Document):
        objects = document.objects
    else:
        objects = sum(_ERROR + len(error.message) // _CHARACTERS for error in document.errors)
    return _EACH + objects + len(text) // _CHARACTERS


def _invalid(errors: list[GraphQLError]) -> InvalidDocument:
    return InvalidDocument([DocumentError.of(error) for error in errors])
