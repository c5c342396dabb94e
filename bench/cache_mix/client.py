"""Sends requests at fixed instants, whether or not earlier ones are answered."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from bench.cache_mix.scenario import Scenario, Sent
from bench.world import BenchError

_MAX_PENDING = 2000
_TIMEOUT = 30.0
_OK = b"HTTP/1.1 200 "
_LENGTH = b"content-length:"
_TYPENAME_WITHIN = 200
"""The name of a problem is within these first bytes of a response."""
_IDLE = 1.0
"""Seconds after which an idle connection is not used again, since the server may close it."""


class Outcome(NamedTuple):
    """Holds what became of a request. Times are in seconds.

    `due` is the instant after the begin at which it was to be sent, `late` the delay of the client, and `took` the time
    from `due` to the response.
    """

    operation: str
    due: float
    late: float
    took: float
    is_failed: bool
    is_problem: bool


class _Connection(NamedTuple):
    """A connection, and when it was last used."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float


class Client:
    """Sends requests of many people over as many connections as are needed."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        self._port = port
        self._tokens = tokens
        self._free: list[_Connection] = []
        self._pending = 0

    async def send_all(self, scenario: Scenario, rate: float, seconds: float) -> list[Outcome]:
        """Sends `rate` requests per second at random instants of a span. Returns the outcomes of all."""
        loop = asyncio.get_running_loop()
        begun, due = loop.time(), 0.0
        outcomes = list[Outcome]()
        async with asyncio.TaskGroup() as tasks:
            while (due := due + scenario.pause(rate)) < seconds:
                if (wait := begun + due - loop.time()) > 0:
                    await asyncio.sleep(wait)
                if self._pending >= _MAX_PENDING:
                    raise BenchError(f"{_MAX_PENDING} requests are pending: use a lower --rate")
                self._pending += 1
                tasks.create_task(self._send(scenario.draw(), begun, due, outcomes))
        for connection in self._free:
            connection.writer.close()
        self._free.clear()
        return outcomes

    async def _send(self, sent: Sent, begun: float, due: float, outcomes: list[Outcome]) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - begun - due
        try:
            async with asyncio.timeout(_TIMEOUT):
                status, answer = await self._answer(sent)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise BenchError(f"{sent.operation}: no response: {error!r}") from error
        is_failed = not status.startswith(_OK) or b'"errors":[' in answer
        is_problem = b'Problem","' in answer[:_TYPENAME_WITHIN]
        outcomes.append(Outcome(sent.operation, due, late, loop.time() - begun - due, is_failed, is_problem))
        self._pending -= 1

    async def _connection(self) -> _Connection:
        """Returns a connection that was used just now, or a new one. The server closes connections that are idle."""
        now = asyncio.get_running_loop().time()
        while self._free:
            connection = self._free.pop()
            if now - connection.used < _IDLE:
                return connection
            connection.writer.close()
        return _Connection(*await asyncio.open_connection("127.0.0.1", self._port), now)

    async def _answer(self, sent: Sent) -> tuple[bytes, bytes]:
        reader, writer, _ = await self._connection()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {self._tokens[sent.person]}\r\n"
            f"Content-Length: {len(sent.body)}\r\n\r\n"
        )
        writer.write(head.encode() + sent.body)
        status, *headers = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        lengths = [header[len(_LENGTH) :] for header in headers if header.lower().startswith(_LENGTH)]
        answer = await reader.readexactly(int(lengths[0]))
        self._free.append(_Connection(reader, writer, asyncio.get_running_loop().time()))
        return status, answer
