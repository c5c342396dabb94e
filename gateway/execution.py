"""From an operation to the body of its answer."""

from collections.abc import Mapping
from typing import Any

from graphql import OperationType

from gateway.errors import NotExecuted, bad_request, describe_executed
from gateway.operations import Caller, Operation, Operations
from services.resources import Resources


def check_kind(operation: Operation, method: str) -> None:
    """`NotExecuted` when this kind of operation is not answered by one body, or not with this method."""
    if operation.kind is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions are not served over this transport.")
    if operation.kind is OperationType.MUTATION and method != "POST":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})


async def execute(
    operations: Operations, operation: Operation, caller: Caller, resources: Resources
) -> Mapping[str, Any]:
    """The body; `NotExecuted` when the variables kept the operation from being executed."""
    result = await operations.execute(operation, caller, resources)
    if not result.errors:
        return {"data": result.data}
    errors = [describe_executed(error) for error in result.errors]
    if result.data is None and all("path" not in error for error in errors):
        raise NotExecuted(errors)
    return {"data": result.data, "errors": errors}
