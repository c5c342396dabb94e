"""One operation over a socket."""

import asyncio
import logging
import secrets
from contextlib import aclosing
from typing import Protocol

from graphql import OperationType

from core.telemetry import request_id
from gateway.callers.caller import Caller
from gateway.errors.graphql_errors import describe_failure
from gateway.errors.request_error import RequestError
from gateway.execution.answers import Answer, answer_of, executed
from gateway.execution.operations import Operation, Operations
from gateway.request_facts import note_operation
from gateway.websocket.messages import Subscribe, write_message
from services.resources import Resources

logger = logging.getLogger("gateway.sockets")


class MessageSender(Protocol):
    """What carries answers to the client."""

    async def send(self, message: str) -> None: ...
    def forget(self, operation_id: str) -> None: ...


class RunningOperation:
    """One operation over a socket, with a task of its own.

    A client may stop waiting at any time. A mutation is carried through even so, as over HTTP; so is the reading of a
    document, since it may be a mutation's.
    """

    def __init__(
        self, asked: Subscribe, socket: MessageSender, operations: Operations, caller: Caller, resources: Resources
    ) -> None:
        self._asked = asked
        self._socket = socket
        self._operations = operations
        self._caller = caller
        self._resources = resources
        self._is_left = False
        self._is_interruptible = False
        self.task = asyncio.create_task(self._run())

    def leave(self) -> bool:
        """Ends it where that may be done, and sends nothing more; returns whether it is carried through."""
        self._is_left = True
        if self._is_interruptible:
            self.task.cancel()
        return not self._is_interruptible

    async def _run(self) -> None:
        """Sends each answer, and at last either that there are no more, or why there are none."""
        request_id.set(secrets.token_hex(8))
        facts = note_operation(self._caller.client, self._asked.payload.operation_name)
        try:
            operation = await self._operations.prepare(self._asked.payload, self._caller, self._resources)
            facts.operation = operation.name
            await self._answer(operation)
            last = write_message("complete", self._asked.id)
        except RequestError as refused:
            last = write_message("error", self._asked.id, refused.errors)
        except Exception as error:  # noqa: BLE001 - it is described, and logged when nobody foresaw it
            last = write_message("error", self._asked.id, [describe_failure(error)])
        finally:
            if facts.errors:
                facts.write(logger, "operation over a socket", {})
        await self._finish(last)

    async def _answer(self, operation: Operation) -> None:
        mutation = operation.kind is OperationType.MUTATION
        if self._is_left and not mutation:
            return
        self._is_interruptible = not mutation
        if operation.kind is OperationType.SUBSCRIPTION:
            results = await self._operations.subscribe(operation, self._caller, self._resources)
            async with aclosing(results):
                async for result in results:
                    await self._send(answer_of(result))
        else:
            await self._send(executed(await self._operations.execute(operation, self._caller, self._resources)))

    async def _send(self, answer: Answer) -> None:
        self._is_interruptible = True
        if not self._is_left:
            await self._socket.send(write_message("next", self._asked.id, answer))

    async def _finish(self, last: str) -> None:
        self._is_interruptible = True
        if not self._is_left:
            self._socket.forget(self._asked.id)
            await self._socket.send(last)
