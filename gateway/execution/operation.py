"""The operation that a request selects from its document."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from graphql import OperationType

from gateway.costs import OperationCost
from gateway.documents.reader import Document
from gateway.errors.request_error import bad_request
from gateway.overload import Priority, Shape

_MAX_QUOTED_NAMES = 10


class Operation(NamedTuple):
    """A validated operation of a document, with the values of its variables. It may be executed."""

    document: Document
    name: str
    kind: OperationType
    variables: Mapping[str, Any]
    cost: OperationCost
    shape: Shape
    """Identifies the operation, without the values of its variables."""
    reports_cost: bool = False
    """Whether the response contains `extensions.cost`."""
    is_prefetch: bool = False
    """Whether the user may never need the response. Its priority is the lowest, unless it is a mutation."""

    @property
    def is_incremental(self) -> bool:
        """Returns whether the document uses `@defer` or `@stream`, so that the response may come in parts."""
        return self.document.node_without_incremental is not self.document.node


def select_operation(
    document: Document, name: str | None, variables: Mapping[str, Any], *, reports_cost: bool = False
) -> Operation:
    """Returns the operation of this name, or the only one. Raises `RequestError` if the name does not select one."""
    if not name and len(document.operations) == 1:
        name = next(iter(document.operations))
    if name is None or name not in document.operations:
        names = ", ".join(islice(document.operations, _MAX_QUOTED_NAMES))
        raise bad_request(f"operationName: name one of the operations of the document ({names}).")
    kind, cost, shape = document.operations[name], document.costs[name], (document.hash, name)
    return Operation(document, name, kind, variables, cost, shape, reports_cost)


def priority_of(operation: Operation) -> Priority:
    """Returns the priority with which an operation is executed while the process is overloaded."""
    if operation.is_prefetch and operation.kind is not OperationType.MUTATION:
        return Priority.PREFETCH
    return operation.document.priorities[operation.name]


def check_method(operation: Operation, method: str, *, streamed: bool = False) -> None:
    """Raises `RequestError` for a subscription without a stream, and for a mutation by a method other than POST."""
    if operation.kind is OperationType.SUBSCRIPTION and not streamed:
        raise bad_request(
            "Send subscriptions with Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0, or over a "
            "WebSocket."
        )
    if operation.kind is OperationType.MUTATION and method != "POST":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})
