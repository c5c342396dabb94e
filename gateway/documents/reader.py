"""Parses, validates and caches documents."""

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
from engine.templates import ExecutorTemplate
from engine.untracked import untrack_document
from gateway.costs import MAX_STEPS, MAX_TRUSTED_STEPS, OperationCost, Weights, operation_costs, untrack_costs
from gateway.documents.argument_limits import LimitedArgument, check_declared_maximums, limited_arguments
from gateway.documents.fair_executor import FairExecutor
from gateway.documents.guard import (
    DocumentLimits,
    ValidationErrors,
    check_size,
    check_text,
    validate_document,
)
from gateway.documents.incremental_directives import without_incremental
from gateway.documents.introspection import correct_introspection
from gateway.documents.lru_cache import LruCache
from gateway.documents.shapes import Shapes
from gateway.errors.graphql_errors import DocumentError
from gateway.overload import Priority, priorities_of
from services.documents import hash_of

MAX_SENT_OBJECTS = 200_000
"""Objects of cached documents: about 400 screens, and 50 MiB with their plans."""
MAX_TRUSTED_OBJECTS = 600_000
_CHARACTERS = 64
"""Characters of a text that weigh as much as an object."""
_ERROR = 6
"""Objects of a cached error."""
_ENTRY = 10
"""Objects of a document in addition to its syntax tree."""
_TEMPLATE = 10
"""Objects that weigh as much as the templates of an operation."""


class Document(NamedTuple):
    """A valid document.

    `hash` is the SHA-256 of its text, in hexadecimal digits. `node_without_incremental` is the document for a response
    in one piece. It is `node` itself if nothing is deferred. `objects` is the number of objects that weigh in the
    cache. `is_registered` says that an app has registered it. `templates` are those of the operations that were
    executed, by their names and whether suggestions are hidden.
    """

    hash: str
    node: DocumentNode
    node_without_incremental: DocumentNode
    operations: Mapping[str, OperationType]
    limited_arguments: list[LimitedArgument]
    costs: Mapping[str, OperationCost]
    shapes: Shapes
    priorities: Mapping[str, Priority]
    objects: int
    is_registered: bool
    templates: dict[tuple[str, bool], ExecutorTemplate]


class InvalidDocument(NamedTuple):
    """A document that may not be executed. `plain_errors` are the errors without suggestions of other names."""

    errors: list[DocumentError]
    plain_errors: list[DocumentError]


ReadDocument = Document | InvalidDocument


class Documents:
    """Reads and caches the documents of one schema. `limits` apply to documents that are not registered.

    Raises `ValueError` if the schema declares a maximum of an argument as earlier versions did, or an invalid cost.
    """

    def __init__(self, schema: strawberry.Schema, limits: DocumentLimits) -> None:
        self.schema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
        check_declared_maximums(self.schema)
        correct_introspection(self.schema)
        definitions_of(self.schema).untracked = True
        self._limits = limits
        self._trusted_limits = limits.of_registered()
        self._weights = Weights(self.schema)
        self._sent = LruCache(partial(self._read, is_trusted=False), MAX_SENT_OBJECTS, _weight, self._forget)
        self._trusted = LruCache(partial(self._read, is_trusted=True), MAX_TRUSTED_OBJECTS, _weight, self._forget)
        self._fair_executor = FairExecutor[ReadDocument]()
        self._reading: dict[tuple[bool, str], asyncio.Future[ReadDocument]] = {}
        self.get_cached = self._sent.get
        self.get_cached_trusted = self._trusted.get

    @property
    def waiting(self) -> int:
        """The number of documents that wait to be parsed."""
        return self._fair_executor.waiting

    def read(self, text: str) -> ReadDocument:
        return self._sent.get_or_compute(text)

    def read_trusted(self, text: str) -> ReadDocument:
        """Reads a trusted document. Its limits are higher, and documents of clients do not evict it from the cache."""
        return self._trusted.get_or_compute(text)

    async def read_fairly(self, text: str, address: str, *, trusted: bool = False) -> ReadDocument:
        """Reads a document that is not cached, on a thread. Raises `RequestError` if too many documents are waiting.

        The document is read even if the client disconnects, because other requests may wait for the same document.
        """
        key = trusted, text
        reading = self._reading.get(key)
        if reading is None:
            reading = self._fair_executor.submit(address, partial(self._read, text, is_trusted=trusted))
            self._reading[key] = reading
            reading.add_done_callback(partial(self._cache_result, key))
        return await asyncio.shield(reading)

    def close(self) -> None:
        """Stops the thread and drops the plans, because they refer to the schema."""
        self._fair_executor.close()
        plans_of(self.schema).clear()

    def _cache_result(self, key: tuple[bool, str], reading: asyncio.Future[ReadDocument]) -> None:
        del self._reading[key]
        trusted, text = key
        if not reading.cancelled() and reading.exception() is None:
            cache = self._trusted if trusted else self._sent
            if cache.get(text) is None:
                cache.put(text, reading.result())

    def _forget(self, document: ReadDocument) -> None:
        if isinstance(document, Document):
            plans = plans_of(self.schema)
            plans.forget(document.node)
            plans.forget(document.node_without_incremental)

    def _read(self, text: str, *, is_trusted: bool) -> ReadDocument:
        try:
            node, errors = self._parse_and_validate(text, is_trusted=is_trusted)
            return _invalid(*errors) if errors else self._document(text, node, is_trusted=is_trusted)
        except GraphQLError as error:
            return _invalid([error])
        except RecursionError:
            return _invalid([GraphQLError("The document is nested too deeply.")])

    def _document(self, text: str, node: DocumentNode, *, is_trusted: bool) -> Document:
        operations = {
            definition.name.value if definition.name else "": definition.operation
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        arguments, shapes = limited_arguments(self.schema, node), Shapes(self.schema, node)
        complete = without_incremental(node)
        in_parts = complete is not node
        max_steps = MAX_TRUSTED_STEPS if is_trusted else MAX_STEPS
        costs = operation_costs(self.schema, self._weights, node, in_parts=in_parts, max_steps=max_steps)
        objects = untrack_document(node) + (untrack_document(complete) if in_parts else 0) + untrack_costs(costs)
        objects += _TEMPLATE * len(operations)
        priorities = priorities_of(self.schema, node, costs)
        return Document(
            hash_of(text), node, complete, operations, arguments, costs, shapes, priorities, objects, is_trusted, {}
        )

    def _parse_and_validate(self, text: str, *, is_trusted: bool) -> tuple[DocumentNode, ValidationErrors | None]:
        limits = self._trusted_limits if is_trusted else self._limits
        check_text(text, limits)
        node = parse(text, max_tokens=limits.tokens, allow_empty_selection_sets=False)
        check_size(node, limits)
        return node, validate_document(self.schema, node, is_trusted=is_trusted)


def _weight(text: str, document: ReadDocument) -> int:
    if isinstance(document, Document):
        objects = document.objects
    else:
        errors = [*document.errors, *document.plain_errors]
        objects = sum(_ERROR + len(error.message) // _CHARACTERS for error in errors)
    return _ENTRY + objects + len(text) // _CHARACTERS


def _invalid(errors: list[GraphQLError], plain_errors: list[GraphQLError] | None = None) -> InvalidDocument:
    plain = errors if plain_errors is None else plain_errors
    return InvalidDocument([DocumentError.of(error) for error in errors], [DocumentError.of(error) for error in plain])
