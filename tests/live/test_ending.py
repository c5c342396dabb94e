"""Tests subscriptions that end while they begin, or while an event is executed: nothing is left of them."""

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from core.client import UNKNOWN
from gateway.callers.caller import Caller
from gateway.live import deliveries
from gateway.live.results import ResultQueue
from gateway.streaming.connections import OpenConnections
from gateway.streaming.encoders import ENCODERS
from gateway.streaming.negotiation import StreamFormat
from gateway.streaming.response import Registration, StreamResponse
from services.live import Subscriber, missed
from tests.gateway.streaming.test_leaving import connected, written
from tests.live.support.held import HeldRead, held_read
from tests.live.test_bad_input import EVENTS, PARTS
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import VIEWER_EVENTS, Following
from tests.support.server import Server
from tests.support.sockets import SocketClient
from tests.support.timing import no_hang, until

UNEXPECTED = "an operation failed"
PLAIN = "subscription { viewerEvents { cursor } }"


@pytest.fixture(autouse=True)
async def clean(server: Server, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """Checks that no follower, no task and no warning is left of a test."""
    before: set[Any] = asyncio.all_tasks()
    yield
    await until(lambda: len(server.resources.streams) == 0)
    before.add(asyncio.current_task())
    await until(lambda: not asyncio.all_tasks() - before)
    gc.collect()
    assert [each for each in gc.get_objects() if type(each) is Subscriber] == []
    records = caplog.get_records("call")
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING] == []


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> HeldRead:
    """The statement with which a subscription to a user's events begins. Its result is held back."""
    read = held_read(monkeypatch, missed, "read_user_streams")
    read.hold = True
    return read


async def answered(socket: SocketClient, subscription_id: str = "query") -> None:
    """Checks that the next messages of a socket belong to a new query."""
    async with no_hang():
        answers = await socket.answers("{ __typename }", id=subscription_id)
    assert answers == [
        {"id": subscription_id, "type": "next", "payload": {"data": {"__typename": "Query"}}},
        {"id": subscription_id, "type": "complete"},
    ]


async def test_a_subscription_that_ends_before_its_first_event_sends_nothing(
    following: Following, server: Server
) -> None:
    async with following.socket("ana") as socket:
        await following.follow_viewer(socket)
        await socket.say(type="complete", id="1")
        await until(lambda: len(server.resources.streams) == 0)
        await answered(socket)


async def test_a_subscription_that_ends_while_it_begins_sends_nothing(
    following: Following, server: Server, begin: HeldRead
) -> None:
    async with following.socket("ana") as socket:
        await socket.subscribe(VIEWER_EVENTS)
        await begin.held()
        assert len(server.resources.streams) == 1
        await socket.say(type="complete", id="1")
        await until(lambda: len(server.resources.streams) == 0)
        begin.release()
        await answered(socket)


async def test_a_subscription_that_has_ended_is_released(following: Following, server: Server) -> None:
    async with following.socket("ana") as socket:
        for _ in range(3):
            await following.follow_viewer(socket)
            await socket.say(type="complete", id="1")
            await until(lambda: len(server.resources.streams) == 0)


async def test_a_subscription_may_end_twice(following: Following, server: Server) -> None:
    async with following.socket("ana") as socket:
        await following.follow_viewer(socket)
        for _ in range(2):
            await socket.say(type="complete", id="1")
        await socket.say(type="complete", id="never begun")
        await answered(socket)
        assert len(server.resources.streams) == 0


async def test_a_subscription_that_ends_before_its_document_is_read_does_not_begin(
    following: Following, server: Server
) -> None:
    async with following.socket("ana") as socket:
        for number in range(20):
            await socket.subscribe(f"subscription Left{number} {{ viewerEvents {{ cursor }} }}", str(number))
            await socket.say(type="complete", id=str(number))
        await answered(socket)
        assert len(server.resources.streams) == 0


async def test_the_id_of_a_subscription_that_has_ended_receives_only_events_of_the_next_one(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = held_read(monkeypatch, deliveries, "_execute")
    ben = App(client, "ben")
    post = await ben.publishes("followed")
    await following.project()
    async with following.socket("ana") as socket:
        await following.follow_viewer(socket)
        execution.hold = True
        await ben.publishes("of the first subscription")
        await following.project()
        await execution.held()
        await socket.say(type="complete", id="1")
        after = await following.follow_post(socket, post)
        execution.release()
        await ben.does("EditPost", postId=post, body="of the second subscription")
        await following.project()
        assert (await after.event())["post"]["body"] == "of the second subscription"


async def test_an_event_that_fails_after_the_end_of_its_subscription_ends_no_other(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    execute, begun, released = deliveries._execute, asyncio.Event(), asyncio.Event()

    async def fail_once(*arguments: Any) -> tuple[bytes, int]:
        if begun.is_set():
            return await execute(*arguments)
        begun.set()
        await released.wait()
        raise LookupError("a fault of ours")

    monkeypatch.setattr(deliveries, "_execute", fail_once)
    ben = App(client, "ben")
    post = await ben.publishes("followed")
    await following.project()
    async with following.socket("ana") as socket:
        await following.follow_viewer(socket)
        await ben.publishes("of the first subscription")
        await following.project()
        async with no_hang():
            await begun.wait()
        await socket.say(type="complete", id="1")
        after = await following.follow_post(socket, post)
        released.set()
        await ben.does("EditPost", postId=post, body="of the second subscription")
        await following.project()
        assert (await after.event())["post"]["body"] == "of the second subscription"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [UNEXPECTED]
    caplog.get_records("call").clear()


async def test_a_socket_that_is_closed_while_subscriptions_begin_leaves_none(
    following: Following, server: Server, begin: HeldRead
) -> None:
    async with following.socket("ana") as socket:
        for number in range(20):
            await socket.subscribe(VIEWER_EVENTS, str(number))
        await begin.held()
        socket.raw.transport.abort()
    await until(lambda: len(server.resources.streams) == 0)
    begin.release()


async def test_a_socket_has_a_number_of_subscriptions_and_lives_beyond_it(following: Following, server: Server) -> None:
    async with following.socket("ana") as socket, no_hang():
        for number in range(100):
            await socket.subscribe(VIEWER_EVENTS, str(number))
        (answer,) = await socket.answers(VIEWER_EVENTS, id="100")
        (error,) = answer["payload"]
        assert (error["message"], error["extensions"]["code"]) == (
            "Too many operations are running on this WebSocket.",
            "RATE_LIMITED",
        )
        assert (answer["type"], error["extensions"]["retryAfter"]) == ("error", 1.0)
        await until(lambda: server.resources.streams.idle == 100)
        await socket.say(type="complete", id="0")
        await until(lambda: server.resources.streams.idle == 99)
        await following.follow_viewer(socket, subscription_id="100")
        await socket.say(type="complete", id="1")
        await answered(socket)


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_client_that_leaves_while_a_stream_begins_leaves_no_follower(
    server: Server, client: Client, begin: HeldRead, accept: str
) -> None:
    async with connected(server) as (_, writer):
        writer.write(b"".join(written(PLAIN, accept, await client.token("ana"))))
        await begin.held()
        assert len(server.resources.streams) == 1
    begin.release()
    await until(lambda: len(server.resources.streams) == 0)


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_client_that_leaves_before_the_first_event_leaves_no_follower(
    server: Server, client: Client, accept: str
) -> None:
    async with connected(server) as (reader, writer):
        writer.write(b"".join(written(PLAIN, accept, await client.token("ana"))))
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: server.resources.streams.idle == 1)
    await until(lambda: len(server.resources.streams) == 0)


async def test_a_stream_that_ends_before_its_first_byte_is_read_closes_its_subscription() -> None:
    """The client does not read earlier responses of its connection, and the server stops."""
    closed, unread = list[bool](), asyncio.Event()
    connections, results = OpenConnections(9, 9), ResultQueue()
    results.on_close = lambda: closed.append(True)

    async def send(message: Any) -> None:
        if message.get("body") == b":\n\n":
            connections.drain()
            await unread.wait()

    async def receive() -> Any:
        await unread.wait()

    caller = Caller.create(None, "", UNKNOWN)
    encoder = ENCODERS[StreamFormat.EVENT_STREAM]
    response = StreamResponse(results, encoder, 60.0, Registration(connections, caller))
    async with no_hang():
        await response({}, receive, send)
    assert closed == [True]
