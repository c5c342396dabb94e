"""A small HTTP client with one connection to each server. It costs less processor time than a general one."""

import asyncio
from collections.abc import Sequence
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import orjson

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
"""Longer than each deadline of the server, so that a request without an answer is never executed later."""

_PAUSE = 0.1
_AVOIDED_SECONDS = 0.5
"""A server without a response gets no request for so long, if there is another one."""


class Reply(NamedTuple):
    """A response, the times at which its request was sent and it was complete, and the server."""

    body: dict[str, Any]
    began: float
    ended: float
    server: str


class Lost(Exception):
    """There was no response, so the outcome of the request is not known."""


class Connections:
    """Sends one request at a time, each to a random server."""

    def __init__(self, ports: Sequence[str], chance: Random) -> None:
        self._ports = ports
        self._random = chance
        self._open: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
        self._avoided = dict.fromkeys(ports, 0.0)
        self.lost = 0

    async def post(self, payload: bytes, token: str | None) -> Reply:
        """Returns the response. Raises `Lost` if there is none."""
        began = perf_counter()
        port = self._random.choice([port for port in self._ports if self._avoided[port] < began] or self._ports)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await self._connection(port)
                writer.write(_request(payload, token))
                body = await _response(reader)
            return Reply(orjson.loads(body), began, perf_counter(), port)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            self._forget(port)
            self._avoided[port] = perf_counter() + _AVOIDED_SECONDS
            self.lost += 1
            await asyncio.sleep(_PAUSE)
            raise Lost from error
        except asyncio.CancelledError:
            self._forget(port)
            raise

    async def _connection(self, port: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if port in self._open and self._open[port][0].at_eof():
            self._forget(port)
        if port not in self._open:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._open[port] = await asyncio.open_connection("127.0.0.1", int(port), limit=1 << 20)
        return self._open[port]

    def _forget(self, port: str) -> None:
        if port in self._open:
            self._open.pop(port)[1].close()

    def close(self) -> None:
        for port in list(self._open):
            self._forget(port)


def _request(payload: bytes, token: str | None) -> bytes:
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{authorization}Content-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


async def _response(reader: asyncio.StreamReader) -> bytes:
    """Returns the body of a response."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"\r\ncontent-length:")
    if found:
        return await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    if b"transfer-encoding: chunked" not in head:
        raise ValueError("a response without a length")
    body = bytearray()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return bytes(body)
