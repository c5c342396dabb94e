"""From an operation to the body of its answer."""

from graphql import OperationType

from gateway.answers import Answer, executed
from gateway.errors import bad_request
from gateway.operations import Caller, Operation, Operations
from services.resources import Resources


def check_kind(operation: Operation, method: str) -> None:
    """`NotExecuted` when this kind of operation is not answered by one body, or not with this method."""
    if operation.kind is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions are not served over this transport.")
    if operation.kind is OperationType.MUTATION and method != "POST":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})


async def execute(operations: Operations, operation: Operation, caller: Caller, resources: Resources) -> Answer:
    """The body; `NotExecuted` when the variables kept the operation from being executed."""
    return executed(await operations.execute(operation, caller, resources))
