"""From a document to an operation that may run: parsed, validated and looked over once, remembered."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import strawberry
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    parse,
    validate,
)
from graphql.language import Visitor, visit

from core.errors import BadUserInput
from core.paging import HIGHEST_FIRST
from gateway.errors import bad_request, refuse

MOST_TOKENS = 10_000
_REMEMBERED = 1000
_LONGEST_REMEMBERED = 16 * 1024


class Document(NamedTuple):
    """A document that may be executed; `page_sizes` are the values that it gives to arguments `first`."""

    node: DocumentNode
    operations: Mapping[str, OperationType]
    page_sizes: list[IntValueNode | VariableNode]


class InvalidDocument(NamedTuple):
    """A document that may not."""

    errors: list[GraphQLError]


class Operations:
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
        return Document(node, operations, _page_sizes(node))


def choose_operation(document: Document, name: str | None, method: str) -> str:
    """The name of the operation to run; `NotExecuted` when there is no such one, or not by this method."""
    if not name and len(document.operations) == 1:
        name = next(iter(document.operations))
    if name is None or name not in document.operations:
        known = ", ".join(document.operations)
        raise bad_request(f"operationName: name one of the operations of the document ({known}).")
    kind = document.operations[name]
    if kind is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions are not served over this transport.")
    if kind is OperationType.MUTATION and method == "GET":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})
    return name


def check_page_sizes(document: Document, variables: Mapping[str, Any]) -> None:
    """Refuses a `first` out of bounds before anything runs, wherever in the document it is."""
    for value in document.page_sizes:
        count = variables.get(value.name.value) if isinstance(value, VariableNode) else int(value.value)
        if isinstance(count, int) and not 1 <= count <= HIGHEST_FIRST:
            raise refuse(BadUserInput("first", f"ask for 1 to {HIGHEST_FIRST}, not {count}."))


class _PageSizes(Visitor):
    """Collects the values of arguments named `first`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[IntValueNode | VariableNode] = []

    def enter_argument(self, argument: ArgumentNode, *_: object) -> None:
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode | VariableNode):
            self.found.append(argument.value)


def _page_sizes(node: DocumentNode) -> list[IntValueNode | VariableNode]:
    visitor = _PageSizes()
    visit(node, visitor)
    return visitor.found
