"""Tests which messages are sent after a socket is closed."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from gateway.server.websocket_protocol import LimitedWebSocketProtocol
from tests.gateway.websocket.test_violations import FOREVER, QUERY, RAW, frame, said
from tests.support.live import Watched
from tests.support.server import Server
from tests.support.sockets import opened, socket_to


def spoken(**message: Any) -> bytes:
    return frame(1, said(**message).encode())


BEFORE = {
    "an init": spoken(type="connection_init"),
    "a ping": spoken(type="ping"),
    "many pings": spoken(type="ping") * 50,
    "a query": spoken(type="connection_init") + spoken(type="subscribe", id="1", payload=QUERY),
    "a stream": spoken(type="connection_init") + spoken(type="subscribe", id="1", payload=FOREVER),
    "a violation": frame(1, b"hello"),
    "two inits": spoken(type="connection_init") * 2,
    "a close": frame(8, struct.pack("!H", 1000)),
}
DOUBLED = {f"{name}, twice": (sent * 2, code) for name, (sent, code) in RAW.items() if "UTF-8" in name}


OWN = {"a violation": 4400, "two inits": 4429, "a close": 1000}
"""Codes for what comes before, where the server reads it first."""


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("violation", [*RAW.values(), *DOUBLED.values()], ids=[*RAW, *DOUBLED])
async def test_what_ends_a_socket_ends_it_silently_whatever_came_in_the_same_segment(
    lively: Server, quiet: Callable[[], None], seen: Watched, before: str, violation: tuple[bytes, int]
) -> None:
    sent, code = violation
    async with socket_to(lively) as client:
        client.raw.transport.write(BEFORE[before] + sent)
        assert (await client.closed())[0] in {code, OWN.get(before, code)}
    await seen.until(lambda: not lively.uvicorn.server_state.tasks)
    assert seen.open == seen.closed
    quiet()


async def test_a_mutation_before_the_frame_that_ends_its_socket_does_not_begin(
    lively: Server, quiet: Callable[[], None], seen: Watched
) -> None:
    mutation = spoken(type="subscribe", id="1", payload={"query": "mutation { slowly }"})
    async with opened(lively) as client:
        client.raw.transport.write(mutation + frame(1, b"\xff"))
        assert (await client.closed())[0] == 1007
    await seen.until(lambda: not lively.uvicorn.server_state.tasks)
    assert seen.mutated == 0
    quiet()


async def test_nothing_is_sent_after_a_close(lively: Server, quiet: Callable[[], None], seen: Watched) -> None:
    """Whatever closes a socket: the keepalive does so between two messages of a stream."""
    async with opened(lively) as client:
        await client.subscribe(FOREVER["query"])
        await client.hear()
        (socket,) = (
            each for each in lively.uvicorn.server_state.connections if isinstance(each, LimitedWebSocketProtocol)
        )
        socket.keepalive_timeout()
        socket.shutdown()
        assert await client.closed() == (1013, "No pong was received in time")
    await seen.until(lambda: not lively.uvicorn.server_state.tasks)
    quiet()


async def test_a_server_that_stops_closes_a_socket_that_its_client_is_closing(
    lively: Server, quiet: Callable[[], None], seen: Watched
) -> None:
    async with opened(lively) as client:
        (socket,) = (
            each for each in lively.uvicorn.server_state.connections if isinstance(each, LimitedWebSocketProtocol)
        )
        socket.data_received(frame(8, struct.pack("!H", 1000)))
        socket.shutdown()
        await client.raw.wait_closed()
    await seen.until(lambda: not lively.uvicorn.server_state.tasks)
    quiet()
