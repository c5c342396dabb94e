"""One WebSocket, from `connection_init` to its close frame.

The protocol is graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import NamedTuple

from starlette.types import Message as ASGIMessage
from starlette.types import Receive, Send

from core.client import UNKNOWN, Client
from core.errors import Unauthenticated
from gateway.callers.authentication import read_session
from gateway.callers.caller import Caller
from gateway.callers.clients import ClientReader
from gateway.execution.operations import Operations
from gateway.streaming.connections import CloseReason, OpenConnection, OpenConnections
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
    read_message,
)
from gateway.websocket.running_operation import RunningOperation
from services.resources import Resources
from services.security.access_tokens import TokenSession

logger = logging.getLogger("gateway.sockets")

_CLOSE_FRAMES = {
    CloseReason.UNTRUSTED: (CloseCode.FORBIDDEN, "The access token is no longer valid"),
    CloseReason.DRAINING: (CloseCode.DRAINING, "The server is about to stop"),
}


class WebSocketContext(NamedTuple):
    """The objects that all WebSockets of an application share."""

    operations: Operations
    connections: OpenConnections
    clients: ClientReader


class WebSocketConnection:
    """Reads messages one after another. Each operation has its own task.

    A task waits until the client has read its last message. So a slow client slows its own sources down, and results do
    not pile up for it.
    """

    def __init__(
        self, context: WebSocketContext, resources: Resources, address: str, receive: Receive, send: Send
    ) -> None:
        self._context = context
        self._resources = resources
        self._address = address
        self._receive = receive
        self._send = send
        self._client: Client = UNKNOWN
        self._header: str | None = None
        self._connection: OpenConnection | None = None
        self._running: dict[str, RunningOperation] = {}
        self._cancelled: set[asyncio.Task[None]] = set()
        """Operations that the client has cancelled and that run to their end."""
        self._init_timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._close_code: CloseCode | None = None

    async def run(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Handles messages until either side closes the WebSocket, and waits for the end of its operations."""
        self._client = self._context.clients.read_headers(headers)
        self._header = next((value.decode("latin-1") for name, value in headers if name == b"authorization"), None)
        seconds = self._resources.settings.socket_init_seconds
        started = time.perf_counter()
        timeout = CloseCode.INIT_TIMEOUT, "connection_init was not sent in time"
        self._init_timer = asyncio.get_running_loop().call_later(seconds, self._close_soon, *timeout)
        try:
            while (event := await self._receive())["type"] == "websocket.receive" and self._close_code is None:
                await self._on_message(read_message(_data(event)))
        except ProtocolViolation as violation:
            await self._close(violation.code, violation.reason)
        finally:
            self._init_timer.cancel()
            if self._connection is not None:
                self._context.connections.close(self._connection)
            self._cancel_all()
            tasks = {*self._cancelled, *(operation.task for operation in self._running.values())}
            if tasks:
                await asyncio.wait(tasks)
            seconds = round(time.perf_counter() - started, 2)
            client = {"app": self._client.app, "version": self._client.version}
            logger.info("WebSocket closed", extra={"close": self._close_code, **client, "seconds": seconds})

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
        operation = self._running.get(operation_id)
        if operation is not None and operation.task is asyncio.current_task():
            del self._running[operation_id]

    async def _on_message(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._on_connection_init(message)
            case Ping():
                await self._on_ping(message)
            case Pong():
                """A pong needs no response."""
            case Subscribe():
                self._on_subscribe(message)
            case Complete():
                self._on_complete(message)

    async def _on_connection_init(self, message: ConnectionInit) -> None:
        if self._connection is not None:
            raise ProtocolViolation(CloseCode.TOO_MANY, "connection_init was sent twice")
        payload = message.payload or {}
        session = self._read_session(authorization(payload) or self._header)
        client = self._context.clients.read_payload(payload)
        self._client = self._client if client is UNKNOWN else client
        self._connection = self._context.connections.open(self._on_close_reason, session)
        if self._init_timer is not None:
            self._init_timer.cancel()
        await self.send('{"type":"connection_ack"}')

    async def _on_ping(self, message: Ping) -> None:
        self._renew_session(authorization(message.payload or {}) if self._connection is not None else None)
        await self.send('{"type":"pong"}')

    def _on_subscribe(self, message: Subscribe) -> None:
        if self._connection is None:
            raise ProtocolViolation(CloseCode.NOT_ACKNOWLEDGED, "Send connection_init first")
        if message.id in self._running:
            raise ProtocolViolation(CloseCode.DUPLICATE, "An operation with this id is running")
        if len(self._running) + len(self._cancelled) >= self._resources.settings.socket_operations:
            raise ProtocolViolation(CloseCode.TOO_MANY, "Too many operations are running")
        caller = Caller.create(self._connection.session, self._address, self._client)
        operation = RunningOperation(message, self, self._context.operations, caller, self._resources)
        self._running[message.id] = operation

    def _on_complete(self, message: Complete) -> None:
        if operation := self._running.pop(message.id, None):
            self._cancel(operation)

    def _on_close_reason(self, reason: CloseReason) -> None:
        self._close_soon(*_CLOSE_FRAMES[reason])

    def _renew_session(self, header: str | None) -> None:
        """Replaces the session by one of a new token.

        Running operations keep their viewer, so a WebSocket belongs to one user on one device.
        """
        session = self._read_session(header)
        if session is None or self._connection is None:
            return
        current = self._connection.session
        if current is not None and current.viewer != session.viewer:
            raise ProtocolViolation(CloseCode.FORBIDDEN, "The token is of another session: open another WebSocket")
        self._context.connections.renew(self._connection, session)

    def _read_session(self, header: str | None) -> TokenSession | None:
        session = read_session(header, self._resources.access_tokens)
        if isinstance(session, Unauthenticated):
            raise ProtocolViolation(CloseCode.FORBIDDEN, session.message)
        return session

    def _close_soon(self, code: CloseCode, reason: str) -> None:
        self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: CloseCode, reason: str) -> None:
        if self._close_code is None:
            self._close_code = code
            self._cancel_all()
            try:
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
            except OSError:
                self._close_code = CloseCode.GONE

    def _cancel_all(self) -> None:
        for operation in self._running.values():
            self._cancel(operation)

    def _cancel(self, operation: RunningOperation) -> None:
        if operation.cancel() and not operation.task.done():
            self._cancelled.add(operation.task)
            operation.task.add_done_callback(self._cancelled.discard)


def _data(event: ASGIMessage) -> str | bytes:
    text: str | None = event.get("text")
    return event["bytes"] if text is None else text
