"""Tests followers that read slowly or not at all: they delay no other, take little memory, and lose nothing."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from core.settings import Settings
from gateway.websocket.outbox import MAX_BYTES
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.live import post_position
from services.live.missed import MAX_MISSED
from tests.live.test_bad_input import EVENTS
from tests.support.app import App, key_of
from tests.support.client import Client
from tests.support.followers import POST_EVENTS, Following
from tests.support.server import Server, serving
from tests.support.sockets import SocketClient, socket_to
from tests.support.timing import no_hang, until

EVENTS_IN_ALL = 1_000
"""As many as a stream keeps at least."""
HALF = EVENTS_IN_ALL // 2
BUFFER_BYTES = 8 * 1024
"""The bytes that the operating system buffers for a client that does not read, instead of megabytes."""
TOO_SLOW = (1013, "The client reads too slowly: subscribe again after the last cursor")


@pytest.fixture
def slow_client_seconds() -> float:
    return 600.0


@pytest.fixture
async def server(settings: Settings, slow_client_seconds: float) -> AsyncGenerator[Server]:
    async with serving(replace(settings, slow_client_seconds=slow_client_seconds)) as made:
        yield made


class Edits:
    """A post whose stream contains edits. Its text is long, so that few of them fill buffers."""

    def __init__(self, server: Server, post_id: str) -> None:
        self._resources = server.resources
        self.post_id = post_id
        self.stream: RowKey = key_of(post_id)
        self._appended = 0

    async def append(self, count: int) -> None:
        """Appends edits, and tells the server."""
        now = self._resources.clock()
        async with self._resources.database.transaction() as transaction:
            for _ in range(count):
                self._appended += 1
                position = LogPosition(self._appended, 1)
                edit = StreamEvent(self.stream, StreamEventKind.POST_CHANGED, self.stream, position, now)
                await append_to_streams(transaction, [edit])
        self._resources.streams.mark([self.stream])

    def places(self, cursors: Iterable[str]) -> list[int]:
        """Returns the number of the event of each cursor."""
        positions = [post_position(self._resources.cursors, self.stream, cursor, "after") for cursor in cursors]
        return [position.place for position in positions if position is not None]


@pytest.fixture
async def edits(server: Server, client: Client, following: Following) -> Edits:
    post_id = await App(client, "ben").publishes("word " * 400)
    await following.project()
    return Edits(server, post_id)


def small_socket(server: Server) -> socket.socket:
    """Returns a connection for which the client's system buffers little."""
    host, _, port = server.address.partition(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    made.connect((host, int(port)))
    made.setblocking(False)
    return made


def buffer_little(server: Server) -> None:
    """Has the server's system buffer little for the open connections."""
    for protocol in server.uvicorn.server_state.connections:
        made = protocol.transport.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)


def unread_bytes(server: Server) -> int:
    """Returns the bytes that wait in the server for clients that do not read."""
    return sum(protocol.transport.get_write_buffer_size() for protocol in server.uvicorn.server_state.connections)


@asynccontextmanager
async def slow_socket(server: Server, client: Client) -> AsyncGenerator[SocketClient]:
    async with socket_to(server, sock=small_socket(server), close_timeout=0.1) as made:
        await made.init(authToken=await client.token("ana"))
        buffer_little(server)
        yield made


async def cursors_of(socket_client: SocketClient, count: int) -> list[str]:
    """Returns the cursors of the next events."""
    async with no_hang():
        return [_cursor(await socket_client.hear()) for _ in range(count)]


def _cursor(message: Any) -> str:
    return message["payload"]["data"]["postEvents"]["cursor"]


async def test_a_socket_that_is_not_read_is_closed_and_resumes_without_a_hole(
    server: Server, client: Client, following: Following, edits: Edits
) -> None:
    streams, everything = server.resources.streams, list(range(1, EVENTS_IN_ALL + 1))
    async with slow_socket(server, client) as slow, following.post("dia", edits.post_id) as fast:
        for number in range(10):
            await following.follow_post(slow, edits.post_id, subscription_id=str(number))
        slow.raw.transport.pause_reading()
        await edits.append(EVENTS_IN_ALL)
        assert edits.places(await cursors_of(fast.socket, EVENTS_IN_ALL)) == everything
        await until(lambda: len(streams) == 1)
        assert unread_bytes(server) < MAX_BYTES
        slow.raw.transport.resume_reading()
        received = [_cursor(message) for message in await _until_closed(slow) if message["id"] == "0"]
        assert (slow.raw.close_code, slow.raw.close_reason) == TOO_SLOW
    async with following.socket("ana") as again:
        await again.subscribe(POST_EVENTS, variables={"postId": edits.post_id, "after": received[-1]})
        received += await cursors_of(again, EVENTS_IN_ALL - len(received))
    assert edits.places(received) == everything


async def _until_closed(socket_client: SocketClient) -> list[Any]:
    """Returns the messages before the close frame."""
    heard: list[Any] = []
    async with no_hang():
        with pytest.raises(ConnectionClosed):
            while True:
                heard.append(await socket_client.hear())
    return heard


async def test_a_socket_that_is_read_with_pauses_receives_everything(
    server: Server, client: Client, following: Following, edits: Edits
) -> None:
    streams, received = server.resources.streams, list[str]()
    async with slow_socket(server, client) as slow, following.post("dia", edits.post_id) as fast:
        await following.follow_post(slow, edits.post_id)
        for _ in range(2):
            slow.raw.transport.pause_reading()
            delivered = streams.delivered
            await edits.append(HALF)
            await cursors_of(fast.socket, HALF)
            assert streams.delivered - delivered - HALF <= MAX_MISSED
            slow.raw.transport.resume_reading()
            received += await cursors_of(slow, HALF)
    assert edits.places(received) == list(range(1, EVENTS_IN_ALL + 1))


@asynccontextmanager
async def slow_stream(
    server: Server, client: Client, post_id: str, last_event_id: str | None = None
) -> AsyncGenerator[asyncio.StreamReader]:
    """Opens an event stream. The client's buffer is small, so it reads no more than the test does."""
    body = json.dumps({"query": POST_EVENTS, "variables": {"postId": post_id}}).encode()
    resume = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id else ""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAccept: {EVENTS}\r\n{resume}"
        f"Authorization: Bearer {await client.token('ana')}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(sock=small_socket(server), limit=BUFFER_BYTES)
    try:
        writer.write(head.encode() + body)
        async with no_hang():
            await reader.readuntil(b":\n\n")
        buffer_little(server)
        yield reader
    finally:
        writer.transport.abort()


async def ids_of(reader: asyncio.StreamReader, count: int) -> list[str]:
    """Returns the ids of the next events of a stream, or fewer if it ends."""
    found: list[str] = []
    async with no_hang():
        with suppress(ConnectionError):
            while len(found) < count and (line := await reader.readline()):
                if line.startswith(b"id: "):
                    found.append(line[4:].strip().decode())
    return found


async def test_an_event_stream_that_is_not_read_delays_none_and_receives_everything_later(
    server: Server, client: Client, following: Following, edits: Edits
) -> None:
    streams, everything = server.resources.streams, list(range(1, EVENTS_IN_ALL + 1))
    async with following.post("dia", edits.post_id) as fast, slow_stream(server, client, edits.post_id) as slow:
        await until(lambda: streams.idle == 2)
        delivered = streams.delivered
        await edits.append(EVENTS_IN_ALL)
        assert edits.places(await cursors_of(fast.socket, EVENTS_IN_ALL)) == everything
        assert streams.delivered - delivered - EVENTS_IN_ALL <= MAX_MISSED
        assert unread_bytes(server) < MAX_BYTES
        assert edits.places(await ids_of(slow, EVENTS_IN_ALL)) == everything


@pytest.mark.parametrize("slow_client_seconds", [0.5])
async def test_an_event_stream_that_is_cut_because_it_is_not_read_resumes_without_a_hole(
    server: Server, client: Client, edits: Edits
) -> None:
    streams = server.resources.streams
    async with slow_stream(server, client, edits.post_id) as slow:
        await until(lambda: streams.idle == 1)
        await edits.append(EVENTS_IN_ALL)
        await until(lambda: len(streams) == 0)
        received = await ids_of(slow, EVENTS_IN_ALL)
    assert 0 < len(received) < EVENTS_IN_ALL
    while len(received) < EVENTS_IN_ALL:
        async with slow_stream(server, client, edits.post_id, received[-1]) as again:
            received += await ids_of(again, EVENTS_IN_ALL - len(received))
    assert edits.places(received) == list(range(1, EVENTS_IN_ALL + 1))
