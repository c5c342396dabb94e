"""One WebSocket, from `connection_init` to its close frame.

The protocol is graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.client import Client
from core.errors import RateLimited, Unauthenticated
from gateway.callers.authentication import read_session
from gateway.callers.caller import Caller
from gateway.http.headers import first_texts
from gateway.live.subscription import LiveSubscription, ResultBatch
from gateway.server.frames import FrameChunk, frame_chunks
from gateway.streaming.connections import CloseReason, OpenConnection
from gateway.websocket.context import Channel, WebSocketContext
from gateway.websocket.messages import (
    CloseCode,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Pong,
    ProtocolViolation,
    Subscribe,
    authorization,
    data_of,
    next_frames,
    read_message,
    write_message,
)
from gateway.websocket.outbox import Outbox
from gateway.websocket.running_operation import RunningOperation, write_rejection
from services.resources import Resources
from services.security.access_tokens import TokenSession

logger = logging.getLogger("gateway.sockets")

_TOO_MANY = "Too many operations are running on this WebSocket."
_RETRY_SECONDS = 1.0


class WebSocketConnection:
    """Reads messages one after another. Each operation has its own task.

    A task waits until the client has read its last message. So a slow client slows its own sources down, and results do
    not pile up for it. A subscription to event streams has no task: its results are pushed.
    """

    __slots__ = (
        "_accept_language",
        "_address",
        "_cancelled",
        "_client",
        "_close_code",
        "_closing",
        "_connection",
        "_context",
        "_header",
        "_init_timer",
        "_is_acknowledged",
        "_outbox",
        "_push_frames",
        "_receive",
        "_resources",
        "_running",
        "_send",
    )

    def __init__(
        self,
        context: WebSocketContext,
        resources: Resources,
        address: str,
        channel: Channel,
        headers: Iterable[tuple[bytes, bytes]],
    ) -> None:
        self._context = context
        self._resources = resources
        self._address = address
        self._receive, self._send, self._push_frames = channel
        self._client: Client = context.clients.read_headers(headers)
        self._header, self._accept_language = first_texts(headers, b"authorization", b"accept-language")
        self._connection: OpenConnection
        self._is_acknowledged = False
        self._outbox: Outbox | None = None
        self._running: dict[str, RunningOperation | LiveSubscription] = {}
        self._cancelled: set[asyncio.Task[None]] = set()
        """Operations that the client has cancelled and that run to their end."""
        self._init_timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._close_code: CloseCode | None = None

    async def run(self) -> None:
        """Handles messages until either side closes the WebSocket, and waits for the end of its operations."""
        started = time.perf_counter()
        try:
            self._connection = self._context.connections.open(self._on_close_reason, self._address)
        except RateLimited as error:
            await self._close(CloseCode.TRY_AGAIN, error.message)
            self._log_end(started)
            return
        seconds = self._resources.settings.socket_init_seconds
        timeout = CloseCode.INIT_TIMEOUT, "connection_init was not sent in time"
        self._init_timer = asyncio.get_running_loop().call_later(seconds, self._close_soon, *timeout)
        try:
            while (event := await self._receive())["type"] == "websocket.receive" and self._close_code is None:
                message = read_message(data_of(event))
                event.clear()  # it is not kept while the next one is awaited
                await self._on_message(message)
                del message
        except ProtocolViolation as violation:
            await self._close(violation.code, violation.reason)
        finally:
            self._cancel_init_timer()
            self._context.connections.close(self._connection)
            tasks = self._cancel_all()
            if tasks:
                await asyncio.wait(tasks)
            self._log_end(started)

    async def send(self, message: str) -> None:
        """Sends a message. Waits while the client does not read earlier messages."""
        if self._close_code is None:
            try:
                await self._send({"type": "websocket.send", "text": message})
            except OSError:
                # The client has disconnected. The loop in `run` also receives that, and ends all operations.
                self._close_code = CloseCode.GONE

    def forget(self, operation_id: str) -> None:
        """Frees the id of the operation of this task, unless a later operation already uses it."""
        if self._is_of_this_task(operation_id):
            del self._running[operation_id]

    def follow(self, operation_id: str, subscription: LiveSubscription) -> bool:
        """Replaces the operation of this task by the subscription that it has opened, if it is still running."""
        if not self._is_of_this_task(operation_id):
            return False
        self._running[operation_id] = subscription
        return True

    def push(self, subscription_id: str, batch: ResultBatch) -> None:
        """Sends results of a subscription. Closes the WebSocket if the client reads too slowly."""
        for chunk in next_frames(subscription_id, batch):
            self._push(chunk)

    def fail(self, subscription_id: str, errors: Sequence[Any]) -> None:
        """Ends a subscription with errors."""
        self._running.pop(subscription_id, None)
        for chunk in frame_chunks([write_message("error", subscription_id, errors).encode()]):
            self._push(chunk)

    def when_written(self, callback: Callable[[], None]) -> None:
        """Calls `callback` when no message waits for the client."""
        if self._outbox is None:
            callback()
        else:
            self._outbox.when_empty(callback)

    def _log_end(self, started: float) -> None:
        seconds = round(time.perf_counter() - started, 2)
        client = {"app": self._client.app, "version": self._client.version}
        logger.info("WebSocket closed", extra={"close": self._close_code, **client, "seconds": seconds})

    def _push(self, chunk: FrameChunk) -> None:
        """Writes frames, or has them wait. Drops them if the WebSocket is about to be closed: the client resumes."""
        if self._closing is not None or self._close_code is not None:
            return
        if self._outbox is None and self._push_frames(chunk.frames):
            return
        if self._outbox is None:
            self._outbox = Outbox(lambda waiting: self.send(waiting.decode()), self._on_outbox_empty)
        for message in chunk.messages:
            self._outbox.add(message)
        if self._outbox.is_full:
            self._close_soon(CloseCode.TRY_AGAIN, "The client reads too slowly: subscribe again after the last cursor")

    def _on_outbox_empty(self) -> None:
        self._outbox = None

    def _is_of_this_task(self, operation_id: str) -> bool:
        operation = self._running.get(operation_id)
        return isinstance(operation, RunningOperation) and operation.task is asyncio.current_task()

    async def _on_message(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._on_connection_init(message)
            case Ping():
                await self._on_ping(message)
            case Pong():
                """A pong needs no response."""
            case Subscribe():
                await self._on_subscribe(message)
            case Complete():
                self._on_complete(message)

    async def _on_connection_init(self, message: ConnectionInit) -> None:
        if self._is_acknowledged:
            raise ProtocolViolation(CloseCode.TOO_MANY, "connection_init was sent twice")
        payload = message.payload or {}
        self._client = self._context.check_client(payload, self._client)
        session = self._read_session(authorization(payload) or self._header)
        if session is not None:
            self._renew(session)
        self._is_acknowledged = True
        self._cancel_init_timer()
        await self.send('{"type":"connection_ack"}')

    def _cancel_init_timer(self) -> None:
        if self._init_timer is not None:
            self._init_timer.cancel()
            self._init_timer = None

    async def _on_ping(self, message: Ping) -> None:
        if self._is_acknowledged:
            self._renew_session(authorization(message.payload or {}))
        await self.send('{"type":"pong"}')

    async def _on_subscribe(self, message: Subscribe) -> None:
        if not self._is_acknowledged:
            raise ProtocolViolation(CloseCode.NOT_ACKNOWLEDGED, "Send connection_init first")
        if message.id in self._running:
            raise ProtocolViolation(CloseCode.DUPLICATE, "An operation with this id is running")
        if len(self._running) + len(self._cancelled) >= self._resources.settings.socket_operations:
            await self.send(write_rejection(message.id, RateLimited(_TOO_MANY, _RETRY_SECONDS)))
            return
        caller = Caller.create(self._connection.session, self._address, self._client, self._accept_language)
        deliveries = self._context.deliveries
        self._running[message.id] = RunningOperation(message, self, deliveries, caller, self._resources)

    def _on_complete(self, message: Complete) -> None:
        if operation := self._running.pop(message.id, None):
            self._cancel(operation)

    def _on_close_reason(self, reason: CloseReason) -> None:
        if reason is CloseReason.UNTRUSTED:
            self._close_soon(CloseCode.FORBIDDEN, "The access token is no longer valid")
        else:
            milliseconds = self._context.connections.retry_milliseconds()
            self._close_soon(CloseCode.DRAINING, f"The server is about to stop; retry in {milliseconds} ms")

    def _renew_session(self, header: str | None) -> None:
        """Replaces the session by one of a new token.

        Running operations keep their viewer, so a WebSocket belongs to one user on one device.
        """
        session = self._read_session(header)
        if session is None:
            return
        current = self._connection.session
        if current is not None and current.viewer != session.viewer:
            raise ProtocolViolation(CloseCode.FORBIDDEN, "The token is of another session: open another WebSocket")
        self._renew(session)

    def _renew(self, session: TokenSession) -> None:
        try:
            self._context.connections.renew(self._connection, session)
        except RateLimited as error:
            raise ProtocolViolation(CloseCode.TRY_AGAIN, error.message) from None

    def _read_session(self, header: str | None) -> TokenSession | None:
        session = read_session(header, self._resources.access_tokens)
        if isinstance(session, Unauthenticated):
            raise ProtocolViolation(CloseCode.FORBIDDEN, session.message)
        return session

    def _close_soon(self, code: CloseCode, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: CloseCode, reason: str) -> None:
        if self._close_code is None:
            self._close_code = code
            self._cancel_all()
            try:
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
            except OSError:
                self._close_code = CloseCode.GONE

    def _cancel_all(self) -> set[asyncio.Task[None]]:
        """Cancels all operations and drops what waits for the client. Returns the tasks that have not ended."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None
        for operation in self._running.values():
            self._cancel(operation)
        running = (operation.task for operation in self._running.values() if isinstance(operation, RunningOperation))
        return {*self._cancelled, *running}

    def _cancel(self, operation: RunningOperation | LiveSubscription) -> None:
        if operation.cancel() and isinstance(operation, RunningOperation) and not operation.task.done():
            self._cancelled.add(operation.task)
            operation.task.add_done_callback(self._cancelled.discard)
