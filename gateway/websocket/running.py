"""One operation over a socket."""

import logging
import secrets
from collections.abc import Awaitable
from contextlib import aclosing
from typing import Protocol

from graphql import OperationType

from core.telemetry import request_id
from gateway.answers import Answer, answer_of, executed
from gateway.errors import NotExecuted, describe_failure
from gateway.facts import note_asked
from gateway.operations import Caller, Operation, Operations
from gateway.websocket.messages import Subscribe, write_message
from services.resources import Resources

logger = logging.getLogger("gateway.sockets")


class Carrier(Protocol):
    """What carries answers to the client."""

    async def send(self, message: str) -> None: ...
    async def uninterrupted(self, answering: Awaitable[Answer]) -> Answer: ...
    def forget(self, operation_id: str) -> None: ...


async def run_operation(
    asked: Subscribe, socket: Carrier, operations: Operations, caller: Caller, resources: Resources
) -> None:
    """Sends each answer, and at last either that there are no more, or why there are none."""
    request_id.set(secrets.token_hex(8))
    facts = note_asked(caller.client, asked.payload.operation_name)
    try:
        operation = await operations.prepare(asked.payload, caller, resources)
        facts.operation = operation.name
        if operation.kind is OperationType.SUBSCRIPTION:
            async with aclosing(await operations.subscribe(operation, caller, resources)) as results:
                async for result in results:
                    await socket.send(write_message("next", asked.id, answer_of(result)))
        else:
            answering = _answer(operation, operations, caller, resources)
            mutation = operation.kind is OperationType.MUTATION
            answer = await (socket.uninterrupted(answering) if mutation else answering)
            await socket.send(write_message("next", asked.id, answer))
        last = write_message("complete", asked.id)
    except NotExecuted as refused:
        last = write_message("error", asked.id, refused.errors)
    except Exception as error:  # noqa: BLE001 - it is described, and logged when nobody foresaw it
        last = write_message("error", asked.id, [describe_failure(error)])
    finally:
        if facts.errors:
            facts.write(logger, "operation over a socket", {})
    socket.forget(asked.id)
    await socket.send(last)


async def _answer(operation: Operation, operations: Operations, caller: Caller, resources: Resources) -> Answer:
    return executed(await operations.execute(operation, caller, resources))
