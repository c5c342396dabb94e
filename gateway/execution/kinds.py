"""From an operation to the body of its answer."""

from graphql import OperationType

from gateway.callers.caller import Caller
from gateway.errors.request_error import bad_request
from gateway.execution.answers import Answer, executed
from gateway.execution.operations import Operation, Operations
from services.resources import Resources


def check_kind(operation: Operation, method: str, *, streamed: bool = False) -> None:
    """`RequestError` when this kind of operation needs a stream and gets none, or is not executed with this method."""
    if operation.kind is OperationType.SUBSCRIPTION and not streamed:
        raise bad_request(
            "Ask for subscriptions with Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0, or over a "
            "WebSocket."
        )
    if operation.kind is OperationType.MUTATION and method != "POST":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})


async def execute(operations: Operations, operation: Operation, caller: Caller, resources: Resources) -> Answer:
    """The body; `RequestError` when the variables kept the operation from being executed."""
    return executed(await operations.execute(operation, caller, resources))
