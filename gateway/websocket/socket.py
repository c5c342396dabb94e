"""One socket, from its first message to its last."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from starlette.types import Message as Received
from starlette.types import Receive, Send

from core.client import UNKNOWN, Client
from core.errors import Unauthenticated
from core.viewer import Anonymous
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
    ProtocolViolation,
    Subscribe,
    authorization,
    read_message,
)
from gateway.websocket.running import RunningOperation
from services.resources import Resources
from services.security.access_tokens import TokenSession

logger = logging.getLogger("gateway.sockets")

_ENDINGS = {
    CloseReason.UNTRUSTED: (CloseCode.REFUSED, "The access token has ended"),
    CloseReason.DRAINING: (CloseCode.DRAINING, "The server is about to stop"),
}


class WebSocketContext(NamedTuple):
    """What the sockets of an application share."""

    operations: Operations
    connections: OpenConnections
    clients: ClientReader


class WebSocketConnection:
    """Its messages are read one after another; each operation has a task, which waits until the client takes answers.

    So a slow client slows its own sources down, and nothing piles up for it.
    """

    def __init__(
        self, sockets: WebSocketContext, resources: Resources, address: str, receive: Receive, send: Send
    ) -> None:
        self._sockets = sockets
        self._resources = resources
        self._address = address
        self._receive = receive
        self._send = send
        self._client: Client = UNKNOWN
        self._header: str | None = None
        self._connection: OpenConnection | None = None
        self._running: dict[str, RunningOperation] = {}
        self._carried: set[asyncio.Task[None]] = set()
        """What is carried through though the client has left it."""
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._closed: CloseCode | None = None

    async def run(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Until it is closed, by whomever, and what ran over it has ended."""
        self._client = self._sockets.clients.of_headers(headers)
        self._header = next((value.decode("latin-1") for name, value in headers if name == b"authorization"), None)
        seconds = self._resources.settings.socket_init_seconds
        started = time.perf_counter()
        late = CloseCode.TOO_LATE, "Send connection_init sooner"
        self._timer = asyncio.get_running_loop().call_later(seconds, self._close_soon, *late)
        try:
            while (received := await self._receive())["type"] == "websocket.receive" and self._closed is None:
                await self._take(read_message(_said(received)))
        except ProtocolViolation as violation:
            await self._close(violation.code, violation.reason)
        finally:
            self._timer.cancel()
            if self._connection is not None:
                self._sockets.connections.close(self._connection)
            self._leave_all()
            ending = {*self._carried, *(running.task for running in self._running.values())}
            if ending:
                await asyncio.wait(ending)
            seconds = round(time.perf_counter() - started, 2)
            said = {"app": self._client.app, "version": self._client.version}
            logger.info("socket", extra={"close": self._closed, **said, "seconds": seconds})

    async def send(self, message: str) -> None:
        """Waits while the client does not read what was sent before."""
        if self._closed is None:
            try:
                await self._send({"type": "websocket.send", "text": message})
            except OSError:
                # The client is gone. The loop that reads hears of it, too, and ends everything.
                self._closed = CloseCode.GONE

    def forget(self, operation_id: str) -> None:
        """The operation of this task is over: its id may be used again, if it is not used again already."""
        running = self._running.get(operation_id)
        if running is not None and running.task is asyncio.current_task():
            del self._running[operation_id]

    async def _take(self, message: Message) -> None:
        match message:
            case ConnectionInit(payload):
                self._open(payload or {})
                await self.send('{"type":"connection_ack"}')
            case Ping(payload):
                self._renew(payload or {})
                await self.send('{"type":"pong"}')
            case Subscribe():
                self._start(message)
            case Complete(operation_id):
                if running := self._running.pop(operation_id, None):
                    self._leave(running)
            case _:
                """A pong needs no answer."""

    def _open(self, payload: Mapping[str, Any]) -> None:
        if self._connection is not None:
            raise ProtocolViolation(CloseCode.TOO_MANY, "Send connection_init once")
        session = self._session(authorization(payload) or self._header)
        said = self._sockets.clients.of_payload(payload)
        self._client = self._client if said is UNKNOWN else said
        self._connection = self._sockets.connections.open(self._end, session)
        if self._timer is not None:
            self._timer.cancel()

    def _renew(self, payload: Mapping[str, Any]) -> None:
        """What runs goes on as whoever has started it, so a socket stays with one person on one device."""
        session = self._session(authorization(payload)) if self._connection is not None else None
        if session is None or self._connection is None:
            return
        before = self._connection.session
        if before is not None and before.viewer != session.viewer:
            raise ProtocolViolation(CloseCode.REFUSED, "This token is of another session: open another socket")
        self._sockets.connections.renew(self._connection, session)

    def _session(self, given: str | None) -> TokenSession | None:
        session = read_session(given, self._resources.access_tokens)
        if isinstance(session, Unauthenticated):
            raise ProtocolViolation(CloseCode.REFUSED, session.message)
        return session

    def _start(self, message: Subscribe) -> None:
        if self._connection is None:
            raise ProtocolViolation(CloseCode.NOT_ACKNOWLEDGED, "Send connection_init first")
        if message.id in self._running:
            raise ProtocolViolation(CloseCode.DUPLICATE, "An operation with this id is running")
        if len(self._running) + len(self._carried) >= self._resources.settings.socket_operations:
            raise ProtocolViolation(CloseCode.TOO_MANY, "Too many operations are running")
        session = self._connection.session
        caller = Caller(session.viewer if session else Anonymous(), self._address, self._client)
        self._running[message.id] = RunningOperation(message, self, self._sockets.operations, caller, self._resources)

    def _end(self, why: CloseReason) -> None:
        self._close_soon(*_ENDINGS[why])

    def _close_soon(self, code: CloseCode, reason: str) -> None:
        self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: CloseCode, reason: str) -> None:
        if self._closed is None:
            self._closed = code
            self._leave_all()
            try:
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
            except OSError:
                self._closed = CloseCode.GONE

    def _leave_all(self) -> None:
        for running in self._running.values():
            self._leave(running)

    def _leave(self, running: RunningOperation) -> None:
        if running.leave() and not running.task.done():
            self._carried.add(running.task)
            running.task.add_done_callback(self._carried.discard)


def _said(received: Received) -> str | bytes:
    text: str | None = received.get("text")
    return received["bytes"] if text is None else text
