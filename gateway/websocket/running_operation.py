"""Executes the operation of a `subscribe` message."""

import asyncio
import logging
import secrets
from contextlib import aclosing
from time import perf_counter
from typing import Protocol

from graphql import OperationType

from core.errors import AppError
from core.telemetry import request_id
from gateway.callers.caller import Caller
from gateway.errors.graphql_errors import describe_failure
from gateway.errors.request_error import RequestError, describe
from gateway.execution.operation import Operation
from gateway.execution.operations import LiveSource
from gateway.execution.results import FormattedResult
from gateway.live.deliveries import LiveDeliveries
from gateway.live.subscription import LiveSubscription, Sink, Target
from gateway.request_facts import RequestFacts, note_operation
from gateway.traces.operations import trace_socket_operation
from gateway.websocket.messages import Subscribe, write_message
from services.resources import Resources

logger = logging.getLogger("gateway.sockets")


class MessageSender(Sink, Protocol):
    """Sends messages to the client."""

    async def send(self, message: str) -> None: ...
    def forget(self, operation_id: str) -> None: ...
    def follow(self, operation_id: str, subscription: LiveSubscription) -> bool:
        """Registers a subscription in place of the operation that opened it. Returns whether that is still running."""
        ...


def write_rejection(operation_id: str, error: AppError) -> str:
    """Returns the `error` message of an operation that does not begin. It has a request id of its own."""
    token = request_id.set(secrets.token_hex(8))
    try:
        return write_message("error", operation_id, [describe(error)])
    finally:
        request_id.reset(token)


class RunningOperation:
    """One operation over a WebSocket, in its own task.

    A client may cancel it at any time. A mutation runs to its end even so, as over HTTP. The same holds while the
    document is read, because it may contain a mutation.
    """

    def __init__(
        self,
        message: Subscribe,
        sender: MessageSender,
        deliveries: LiveDeliveries,
        caller: Caller,
        resources: Resources,
    ) -> None:
        self._message = message
        self._sender = sender
        self._operations = deliveries.operations
        self._deliveries = deliveries
        self._caller = caller
        self._resources = resources
        self._is_cancelled = False
        self._is_interruptible = False
        tracer = resources.tracer
        self.task = asyncio.create_task(self._run() if tracer is None else trace_socket_operation(tracer, self._run))

    def cancel(self) -> bool:
        """Stops sending, and stops the execution if that is allowed. Returns whether the execution continues."""
        self._is_cancelled = True
        if self._is_interruptible:
            self.task.cancel()
        return not self._is_interruptible

    async def _run(self) -> None:
        """Sends `next` for each result, and then `complete` or `error`."""
        request_id.set(secrets.token_hex(8))
        facts = note_operation(self._caller.client, self._message.payload.operation_name)
        facts.statistics, started = self._operations.statistics.unknown, perf_counter()
        try:
            operation = await self._operations.prepare(self._message.payload, self._caller, self._resources)
            facts.operation, facts.statistics = operation.name, self._operations.statistics.of(operation)
            if await self._execute(operation, facts):
                return
            last = write_message("complete", self._message.id)
        except RequestError as error:
            last = write_message("error", self._message.id, error.errors)
        except Exception as error:  # noqa: BLE001 - it is described, and logged if it is unexpected
            last = write_message("error", self._message.id, [describe_failure(error)])
        finally:
            facts.is_cancelled = self._is_cancelled
            facts.count(perf_counter() - started)
            if facts.errors:
                facts.write(logger, "WebSocket operation failed", {})
        await self._finish(last)

    async def _execute(self, operation: Operation, facts: RequestFacts) -> bool:
        """Sends the results. Returns whether a subscription to event streams continues without this task."""
        is_mutation = operation.kind is OperationType.MUTATION
        if self._is_cancelled and not is_mutation:
            return False
        self._is_interruptible = not is_mutation
        if operation.kind is OperationType.SUBSCRIPTION:
            return await self._subscribe(operation, facts)
        await self._send_next(await self._operations.execute(operation, self._caller, self._resources))
        return False

    async def _subscribe(self, operation: Operation, facts: RequestFacts) -> bool:
        source = await self._operations.subscribe(operation, self._caller, self._resources)
        facts.count_subscription()
        if isinstance(source, LiveSource):
            target = Target(self._sender, self._message.id)
            subscription = self._deliveries.open(source, self._caller, self._resources, target)
            if self._sender.follow(self._message.id, subscription):
                subscription.start(self._deliveries)
            else:
                subscription.cancel()
            return True
        async with aclosing(source):
            async for result in source:
                await self._send_next(result)
        return False

    async def _send_next(self, result: FormattedResult) -> None:
        self._is_interruptible = True
        if not self._is_cancelled:
            await self._sender.send(write_message("next", self._message.id, result))

    async def _finish(self, last: str) -> None:
        self._is_interruptible = True
        if not self._is_cancelled:
            self._sender.forget(self._message.id)
            await self._sender.send(last)
