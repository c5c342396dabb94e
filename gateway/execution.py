"""From an operation to the body of its answer."""

from graphql import OperationType

from gateway.answers import Answer, executed
from gateway.caller import Caller
from gateway.errors import bad_request
from gateway.operations import Operation, Operations
from gateway.streams.negotiation import Kind
from services.resources import Resources


def check_kind(operation: Operation, method: str, stream: Kind | None = None) -> None:
    """`NotExecuted` when this kind of operation needs a stream and gets none, or is not executed with this method."""
    if operation.kind is OperationType.SUBSCRIPTION and stream is None:
        raise bad_request(
            "Ask for subscriptions with Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0, or over a "
            "WebSocket."
        )
    if operation.kind is OperationType.MUTATION and method != "POST":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})


async def execute(operations: Operations, operation: Operation, caller: Caller, resources: Resources) -> Answer:
    """The body; `NotExecuted` when the variables kept the operation from being executed."""
    return executed(await operations.execute(operation, caller, resources))
