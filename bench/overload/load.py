"""Sends requests over raw connections: in a closed loop, or at given instants whether or not earlier ones are answered.

One process of this module sends about ten thousand requests per second, so it is not the limit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from bench.overload.requests import Requests, Sent

GOOD_SECONDS = 1.0
"""A response after this time is not good: the user has given up."""

MAX_CONNECTIONS = 1000
_GIVE_UP_SECONDS = 5.0
"""A connection whose response takes longer is closed."""
_TICK_SECONDS = 0.002
_LENGTH = b"content-length: "


class Outcome(NamedTuple):
    """Holds what became of a request: `good`, `late`, `shed` or `failed`, and the seconds since it was due."""

    priority: str
    result: str
    seconds: float


class _Connection(asyncio.Protocol):
    """Sends one request after the other, and reads the responses."""

    def __init__(self, on_response: "Callable[[_Connection, int, bytes], None]") -> None:
        self._on_response = on_response
        self._transport: asyncio.WriteTransport
        self._received = bytearray()
        self._needed = 0
        self.priority = ""
        self.due = 0.0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of asyncio
        self.is_open = False
        if self.priority:
            self._respond(0)

    def send(self, sent: Sent, due: float) -> None:
        self.priority, self.due = sent.priority, due
        self._transport.write(sent.data)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._needed:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(received[:end]).lower()
            self._needed = end + 4 + int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        if len(received) >= self._needed:
            self._respond(int(received[9:12]))

    def _respond(self, status: int) -> None:
        answer = bytes(self._received)
        self._received.clear()
        self._needed = 0
        self._on_response(self, status, answer)


class Load:
    """Puts load on one port."""

    def __init__(self, port: int, requests: Requests) -> None:
        self._port = port
        self._requests = requests
        self._connections: list[_Connection] = []
        self._free: list[_Connection] = []
        self._waiting = deque[tuple[Sent, float]]()
        self._outcomes: list[Outcome] = []
        self._loop = asyncio.get_running_loop()
        self._next: Callable[[], Sent] | None = None
        self._opening = set[asyncio.Task[None]]()

    async def open(self, connections: int) -> None:
        """Opens connections."""
        for _ in range(connections):
            _, connection = await self._loop.create_connection(
                lambda: _Connection(self._on_response), "127.0.0.1", self._port
            )
            self._connections.append(connection)
            self._free.append(connection)

    def close(self) -> None:
        for connection in self._connections:
            connection.priority = ""
            connection.close()

    async def closed_loop(
        self, connections: int, seconds: float, draw: Callable[[], Sent] | None = None
    ) -> Sequence[Outcome]:
        """Sends the next request of a connection when it is answered. Returns the outcomes."""
        await self.open(connections)
        self._next = draw or self._requests.draw
        for connection in self._free:
            connection.send(self._next(), self._loop.time())
        await asyncio.sleep(seconds)
        self._next = None
        outcomes = list(self._outcomes)
        ends_at = self._loop.time() + _GIVE_UP_SECONDS
        while any(connection.priority for connection in self._connections) and self._loop.time() < ends_at:  # noqa: ASYNC110 - of many
            await asyncio.sleep(_TICK_SECONDS)
        self.close()
        return outcomes

    async def open_loop(self, rate: float, seconds: float) -> Sequence[Outcome]:
        """Sends `rate` requests per second at random instants. Returns the outcomes of all."""
        await self.open(MAX_CONNECTIONS)
        begun = self._loop.time()
        due, sent = begun + self._requests.pause(rate), self._requests.draw()
        while (now := self._loop.time()) < begun + seconds:
            while due <= now:
                self._send(sent, due)
                due, sent = due + self._requests.pause(rate), self._requests.draw()
            self._give_up(now)
            await asyncio.sleep(_TICK_SECONDS)
        while self._waiting or any(connection.priority for connection in self._connections):
            self._give_up(self._loop.time())
            await asyncio.sleep(_TICK_SECONDS)
        if self._opening:
            await asyncio.wait(self._opening)
        self.close()
        return self._outcomes

    def _send(self, sent: Sent, due: float) -> None:
        while self._free:
            connection = self._free.pop()
            if connection.is_open:
                connection.send(sent, due)
                return
            self._reopen(connection)
        self._waiting.append((sent, due))

    def _give_up(self, now: float) -> None:
        while self._waiting and now - self._waiting[0][1] > GOOD_SECONDS:
            sent, due = self._waiting.popleft()
            self._outcomes.append(Outcome(sent.priority, "late", now - due))
        for connection in list(self._connections):
            if connection.priority and now - connection.due > _GIVE_UP_SECONDS:
                self._outcomes.append(Outcome(connection.priority, "late", now - connection.due))
                connection.priority = ""
                connection.close()
                self._reopen(connection)

    def _reopen(self, connection: _Connection) -> None:
        """Replaces a connection that is closed. Servers close connections that were idle for some seconds."""
        self._connections.remove(connection)
        self._opening.add(opening := self._loop.create_task(self.open(1)))
        opening.add_done_callback(self._opening.discard)

    def _on_response(self, connection: _Connection, status: int, answer: bytes) -> None:
        seconds = self._loop.time() - connection.due
        self._outcomes.append(Outcome(connection.priority, _result(status, answer, seconds), seconds))
        connection.priority = ""
        if not connection.is_open:
            return
        if self._next is not None:
            connection.send(self._next(), self._loop.time())
        elif self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._free.append(connection)


def _result(status: int, answer: bytes, seconds: float) -> str:
    if status == 503:  # noqa: PLR2004 - the status of OVERLOADED
        return "shed"
    if status != 200 or b'"errors":[' in answer or b'Problem","' in answer:  # noqa: PLR2004 - the status of a response
        return "failed"
    return "good" if seconds <= GOOD_SECONDS else "late"
