"""Several operations in one request."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import OperationType

from core.errors import AppError
from gateway.callers.caller import Caller
from gateway.errors.request_error import RequestError, reject
from gateway.execution.kinds import check_kind, execute
from gateway.execution.operations import Operation, Operations
from gateway.requests.graphql_request import GraphQLRequest
from services.resources import Resources


async def answer_batch(
    operations: Operations, batch: Sequence[GraphQLRequest], caller: Caller, resources: Resources
) -> list[Mapping[str, Any]]:
    """The answers in the order of the operations; what is wrong with one of them is its own answer alone.

    If there is a mutation, they run one after another, as the fields of a mutation do.
    """
    prepared = list[Operation | RequestError]()
    for asked in batch:
        prepared.append(await _prepare(operations, asked, caller, resources))
        # To parse and validate never waits, and a thousand new documents would keep everybody else waiting.
        await asyncio.sleep(0)

    async def answer(each: Operation | RequestError) -> Mapping[str, Any]:
        if isinstance(each, RequestError):
            return {"errors": each.errors}
        try:
            return await execute(operations, each, caller, resources)
        except RequestError as refused:
            return {"errors": refused.errors}

    if any(isinstance(each, Operation) and each.kind is OperationType.MUTATION for each in prepared):
        return [await answer(each) for each in prepared]
    return await asyncio.gather(*map(answer, prepared))


async def _prepare(
    operations: Operations, asked: GraphQLRequest, caller: Caller, resources: Resources
) -> Operation | RequestError:
    try:
        operation = await operations.prepare(asked, caller, resources)
        check_kind(operation, "POST")
    except RequestError as refused:
        return refused
    except AppError as error:
        return reject(error)
    return operation
