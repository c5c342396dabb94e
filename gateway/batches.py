"""Answers requests with several operations."""

import asyncio
from collections.abc import Sequence

from graphql import OperationType

from core.errors import AppError
from gateway.callers.caller import Caller
from gateway.errors.request_error import RequestError, reject
from gateway.execution.operation import Operation, check_method
from gateway.execution.operations import Operations
from gateway.execution.results import FormattedResult
from gateway.requests.graphql_request import GraphQLRequest
from services.resources import Resources


async def answer_batch(
    operations: Operations, batch: Sequence[GraphQLRequest], caller: Caller, resources: Resources
) -> list[FormattedResult]:
    """Returns the responses in the order of the operations. An error of one operation is in its response only.

    Operations run concurrently. If one is a mutation, all run in sequence, like the fields of a mutation.
    """
    prepared = list[Operation | RequestError]()
    for request in batch:
        prepared.append(await _prepare(operations, request, caller, resources))
        # Parsing and validating never wait. Without this, other requests would wait for all new documents of the batch.
        await asyncio.sleep(0)

    async def answer(operation: Operation | RequestError) -> FormattedResult:
        if isinstance(operation, RequestError):
            return {"errors": operation.errors}
        try:
            return await operations.execute(operation, caller, resources)
        except RequestError as error:
            return {"errors": error.errors}

    if any(isinstance(operation, Operation) and operation.kind is OperationType.MUTATION for operation in prepared):
        return [await answer(operation) for operation in prepared]
    return await asyncio.gather(*map(answer, prepared))


async def _prepare(
    operations: Operations, request: GraphQLRequest, caller: Caller, resources: Resources
) -> Operation | RequestError:
    try:
        operation = await operations.prepare(request, caller, resources)
        check_method(operation, "POST")
    except RequestError as error:
        return error
    except AppError as error:
        return reject(error)
    return operation
