"""Tests how a server that stops ends connections that stay open."""

import asyncio
import json
import re
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from core.settings import Settings
from gateway.streaming.connections import CloseReason, OpenConnections
from tests.gateway.streaming.test_leaving import connected, written
from tests.support.live import Watched, live_schema
from tests.support.server import Server, serving
from tests.support.sockets import opened, socket_to
from tests.support.timing import no_hang, until

HINT = re.compile(r"The server is about to stop; retry in (\d+) ms")
EVENTS = "text/event-stream"
FLOOD = "subscription { flood(size: 60000) }"


def hinted(reason: str) -> int:
    found = HINT.fullmatch(reason)
    assert found, reason
    return int(found[1])


async def test_the_reason_of_a_close_says_when_to_come_back(own: Server) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(opened(own)) for _ in range(20)]
        silent = await stack.enter_async_context(socket_to(own))
        await until(lambda: len(own.uvicorn.server_state.tasks) == 21)
        stopping = asyncio.create_task(own.stop())
        async with no_hang():
            closed = [await client.closed() for client in (*clients, silent)]
            await stopping
    assert {code for code, _ in closed} == {1012}
    hints = [hinted(reason) for _, reason in closed]
    assert max(hints) <= 1000
    assert len(set(hints)) > 1, "not all at once"


@pytest.mark.parametrize(("count", "longest"), [(1, 1_000), (2_000, 4_000), (100_000, 30_000)])
def test_hints_are_spread_so_that_clients_return_at_a_bounded_rate(count: int, longest: int) -> None:
    closed = list[CloseReason]()
    connections = OpenConnections(count, count)
    for _ in range(count):
        connections.open(closed.append, "192.0.2.1")
    connections.drain()
    hints = [connections.retry_milliseconds() for _ in range(2_000)]
    assert 0 <= min(hints) < longest * 0.1
    assert longest * 0.9 < max(hints) <= longest
    assert (len(connections), closed) == (0, [CloseReason.DRAINING] * count)


async def test_parts_say_when_to_come_back(own: Server) -> None:
    accept = "multipart/mixed;subscriptionSpec=1.0"
    body = {"query": "subscription { forever { number } }"}
    async with own.http.stream("POST", "/graphql", json=body, headers={"Accept": accept}) as response:
        chunks = response.aiter_text()
        text = ""
        while '"number":0' not in text:
            text += await anext(chunks)
        stopping = asyncio.create_task(own.stop())
        text += "".join([chunk async for chunk in chunks])
        await stopping
    errors = json.loads(text[text.rindex('{"payload":null') : text.rindex("}") + 1])["errors"]
    assert errors[0]["message"] == "The server is about to stop. Subscribe again after `retryAfter` seconds."
    assert 0 <= errors[0]["extensions"]["retryAfter"] <= 1


async def test_clients_that_do_not_read_do_not_keep_a_server_from_stopping(
    lively_settings: Settings, seen: Watched
) -> None:
    """Nothing else ends this server: it does not notice that clients do not read, and has no limit of its own."""
    async with serving(replace(lively_settings, slow_client_seconds=600.0), live_schema()) as own:
        own.uvicorn.config.timeout_graceful_shutdown = None
        async with opened(own) as client, connected(own) as (_, writer), connected(own) as (reader, other):
            client.raw.transport.pause_reading()
            await client.subscribe(FLOOD)
            writer.write(b"".join(written(FLOOD, EVENTS)))
            other.write(b"".join(written("subscription { forever { number } }", EVENTS)))
            await reader.readuntil(b'"number":0')
            before = -1
            while before < seen.open:
                before = seen.open
                await asyncio.sleep(0.3)
            async with no_hang():
                await own.stop()
            client.raw.transport.resume_reading()
        assert not own.uvicorn.server_state.connections
