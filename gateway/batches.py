"""Answers requests with several operations."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from graphql import OperationType

from core.errors import AppError
from gateway.callers.caller import Caller
from gateway.errors.request_error import RequestError, reject
from gateway.execution.operation import Operation, check_method
from gateway.execution.operations import Operations
from gateway.execution.results import FormattedResult, codes_of
from gateway.execution.spending import Spending
from gateway.requests.graphql_request import GraphQLRequest
from services.resources import Resources

_TOO_MANY = 429


async def answer_batch(
    operations: Operations, batch: Sequence[GraphQLRequest], caller: Caller, resources: Resources
) -> list[FormattedResult]:
    """Returns the responses in the order of the operations. An error of one operation is in its response only.

    If all operations together cost more than the limit, none is executed. Raises `RequestError` if the caller has no
    quota left for them. They run concurrently; if one is a mutation, in sequence, like the fields of a mutation.
    """
    prepared = list[Operation | RequestError]()
    for request in batch:
        prepared.append(await _prepare(operations, request, caller, resources))
        # Parsing and validating never wait. Without this, other requests would wait for all new documents of the batch.
        await asyncio.sleep(0)

    valid = [operation for operation in prepared if isinstance(operation, Operation)]
    try:
        spendings = iter(await operations.spendings.take_all(valid, caller, resources))
    except RequestError as error:
        if error.status == _TOO_MANY:
            raise
        for operation in valid:
            operations.statistics.of(operation).count(0.0, codes_of(error.errors))
        return [{"errors": (each if isinstance(each, RequestError) else error).errors} for each in prepared]
    to_execute = [each if isinstance(each, RequestError) else next(spendings) for each in prepared]

    answers = (_answer(operations, each, caller, resources) for each in to_execute)
    if any(operation.kind is OperationType.MUTATION for operation in valid):
        return [await answer for answer in answers]
    return await asyncio.gather(*answers)


async def _answer(
    operations: Operations, spending: Spending | RequestError, caller: Caller, resources: Resources
) -> FormattedResult:
    if isinstance(spending, RequestError):
        return {"errors": spending.errors}
    statistics, started = operations.statistics.of(spending.operation), perf_counter()
    try:
        result = await operations.execute(spending.operation, caller, resources, spending)
    except RequestError as error:
        result: FormattedResult = {"errors": error.errors}
    except AppError as error:
        result = {"errors": reject(error).errors}
    statistics.count(perf_counter() - started, codes_of(result.get("errors", ())))
    return result


async def _prepare(
    operations: Operations, request: GraphQLRequest, caller: Caller, resources: Resources
) -> Operation | RequestError:
    started = perf_counter()
    try:
        operation = await operations.prepare(request, caller, resources)
        await _check_method(operations, operation, caller, resources)
    except RequestError as error:
        rejection = error
    except AppError as error:
        rejection = reject(error)
    else:
        return operation
    operations.statistics.unknown.count(perf_counter() - started, codes_of(rejection.errors))
    return rejection


async def _check_method(operations: Operations, operation: Operation, caller: Caller, resources: Resources) -> None:
    """Raises `RequestError` for a subscription, which costs as much as any request."""
    try:
        check_method(operation, "POST")
    except RequestError:
        await operations.spendings.take_request(operation, caller, resources)
        raise
