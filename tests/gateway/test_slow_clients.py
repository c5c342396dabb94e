"""Clients that keep a connection and do not use it."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from gateway.server.websocket_protocol import LimitedWebSocketProtocol
from tests.support.live import Watched, live_schema
from tests.support.server import Server, serving
from tests.support.timing import no_hang

SECONDS = 1.0
HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
FLOOD = "subscription { flood(size: 100000) }"


@pytest.fixture(scope="module")
async def server(lively_settings: Settings) -> AsyncGenerator[Server]:
    """Starts a server with a short limit for slow clients, and without heartbeats that would reset it."""
    impatient = replace(lively_settings, slow_client_seconds=SECONDS, heartbeat_seconds=300, socket_init_seconds=300)
    async with serving(impatient, live_schema()) as made:
        yield made


class Raw:
    """Sends bytes over a connection with a receive buffer of 4 KiB."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.address.partition(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)

    async def say(self, text: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, text)

    async def upgrade(self) -> None:
        """Opens a WebSocket."""
        await self.say(UPGRADE)
        heard = b""
        async with no_hang():
            while not heard.endswith(b"\r\n\r\n"):
                heard += await asyncio.get_running_loop().sock_recv(self.socket, 1)

    async def hear_all(self) -> bytes:
        """Reads until the server disconnects, possibly in the middle of a message."""
        heard = b""
        async with no_hang():
            with suppress(ConnectionResetError):
                while part := await asyncio.get_running_loop().sock_recv(self.socket, 65536):
                    heard += part
        return heard


@pytest.fixture
async def raw(server: Server) -> AsyncGenerator[Raw]:
    made = Raw(server)
    yield made
    made.socket.close()


async def test_who_says_nothing_is_left_without_a_word(raw: Raw) -> None:
    began = time.monotonic()
    assert await raw.hear_all() == b""
    assert time.monotonic() - began > SECONDS


@pytest.mark.parametrize("said", [b"POST /graphql HTTP/1.1\r\nHost:", HEAD + b"Content-Length: 100\r\n\r\n{"])
async def test_a_request_that_does_not_end_is_answered_by_408(raw: Raw, said: bytes) -> None:
    await raw.say(said)
    head, _, body = (await raw.hear_all()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    (error,) = json.loads(body)["errors"]
    assert error["message"] == "The request was not received in time."
    assert error["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("said", [HEAD + b"X: ", HEAD + b"Content-Length: 1000\r\n\r\n"])
async def test_so_is_one_of_which_a_byte_comes_now_and_then(raw: Raw, said: bytes) -> None:
    await raw.say(said)
    heard = asyncio.create_task(raw.hear_all())
    while not heard.done():
        with suppress(ConnectionError):
            await raw.say(b"x")
        await asyncio.sleep(0.02)
    assert (await heard).startswith(b"HTTP/1.1 408 ")


async def test_empty_lines_do_not_keep_a_connection(raw: Raw) -> None:
    heard = asyncio.create_task(raw.hear_all())
    await raw.say(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    while not heard.done():
        with suppress(ConnectionError):
            await raw.say(b"\r\n")
        await asyncio.sleep(0.02)
    assert (await heard).startswith(b"HTTP/1.1 200 OK")


async def test_a_large_request_may_take_longer_as_long_as_it_goes_on(raw: Raw) -> None:
    body = json.dumps({"query": "{ hello }"}).encode().ljust(300_000)
    await raw.say(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
    for start in range(0, len(body), 30_000):
        await raw.say(body[start : start + 30_000])
        await asyncio.sleep(SECONDS / 5)
    assert (await raw.hear_all()).startswith(b"HTTP/1.1 200 OK")


async def test_an_answer_that_takes_long_is_waited_for(raw: Raw) -> None:
    body = json.dumps({"query": f"{{ later(seconds: {2 * SECONDS}) }}"}).encode()
    asked = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    await raw.say(asked)
    await asyncio.sleep(3 * SECONDS)
    assert b"done" in await raw.hear_all()


def frame(**message: Any) -> bytes:
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2) + bytes(4) + text


@pytest.mark.parametrize("over", ["events", "a WebSocket"])
async def test_who_reads_nothing_of_a_stream_holds_nothing(server: Server, raw: Raw, seen: Watched, over: str) -> None:
    if over == "events":
        body = json.dumps({"query": FLOOD}).encode()
        await raw.say(HEAD + b"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    else:
        await raw.upgrade()
        await raw.say(frame(type="connection_init") + frame(type="subscribe", id="1", payload={"query": FLOOD}))
    await seen.until(lambda: seen.open > 3)
    await seen.until(lambda: not server.uvicorn.server_state.connections)
    await seen.until(lambda: not server.uvicorn.server_state.tasks)


async def test_answers_to_pings_do_not_pile_up_for_who_does_not_read(server: Server, raw: Raw) -> None:
    ping = bytes([0x89, 0x80 | 125]) + bytes(4) + b"x" * 125
    await raw.upgrade()
    untaken = list[int]()
    with suppress(ConnectionError):
        for _ in range(300):
            await raw.say(ping * 500)
            untaken += [each.transport.get_write_buffer_size() for each in _sockets(server)]
    assert 0 < max(untaken) < 1_000_000


def _sockets(server: Server) -> list[Any]:
    return [each for each in server.uvicorn.server_state.connections if isinstance(each, LimitedWebSocketProtocol)]
