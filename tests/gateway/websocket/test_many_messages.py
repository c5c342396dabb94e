"""Tests that a WebSocket with many messages leaves turns of the event loop to other requests."""

import asyncio
from collections import Counter

import pytest
from websockets.frames import Frame, Opcode

from gateway.server.websocket_protocol import MAX_SLICE_BYTES, LimitedWebSocketProtocol
from tests.support.server import Server
from tests.support.sockets import opened
from tests.support.timing import no_hang

PING = Frame(Opcode.TEXT, b'{"type":"ping"}').serialize(mask=True)
MESSAGES = 5000


async def test_messages_of_one_read_are_handled_in_many_turns(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, turns, received = asyncio.get_running_loop(), [0], Counter[int]()
    handle = LimitedWebSocketProtocol.handle_text

    def handle_text(protocol: LimitedWebSocketProtocol, event: Frame) -> None:
        received[turns[0]] += 1
        handle(protocol, event)

    def turn() -> None:
        turns[0] += 1
        ticking[0] = loop.call_soon(turn)

    async with opened(own) as client, no_hang():
        ticking = [loop.call_soon(turn)]
        monkeypatch.setattr(LimitedWebSocketProtocol, "handle_text", handle_text)
        client.raw.transport.write(PING * MESSAGES)
        for _ in range(MESSAGES):
            assert await client.hear() == {"type": "pong"}
        ticking[0].cancel()
    assert received.total() == MESSAGES
    assert max(received.values()) <= MAX_SLICE_BYTES // len(PING) + 1


@pytest.mark.parametrize("size", [MAX_SLICE_BYTES - 200, MAX_SLICE_BYTES, 3 * MAX_SLICE_BYTES, 60_000])
async def test_a_message_longer_than_a_slice_arrives_whole(own: Server, size: int) -> None:
    async with opened(own) as client, no_hang():
        for _ in range(3):
            await client.say(type="ping", payload={"text": "x" * size})
        for _ in range(3):
            assert (await client.hear())["type"] == "pong"
