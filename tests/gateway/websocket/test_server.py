"""Tests what the server does for sockets outside the protocol."""

import asyncio
import io
import logging
from collections.abc import Generator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.typing import Subprotocol

from core.telemetry import configure_logging
from gateway.server.websocket_protocol import LimitedWebSocketProtocol
from tests.support.live import Watched
from tests.support.server import Server
from tests.support.sockets import TRANSPORT_WS, opened, socket_to
from tests.support.timing import HANG_SECONDS, no_hang, until


@pytest.mark.parametrize("streaming_too", [False, True])
async def test_a_server_that_drains_tells_sockets_to_come_back(
    own: Server, seen: Watched, *, streaming_too: bool
) -> None:
    async with opened(own, authToken=own.token()) as client, opened(own) as other, socket_to(own) as silent:
        await client.subscribe("subscription { forever { number } }")
        await client.hear()
        if streaming_too:
            asked = {"query": "subscription { forever { number } }"}
            stream = own.http.stream("POST", "/graphql", json=asked, headers={"Accept": "text/event-stream"})
            async with stream as response:
                stopping = asyncio.create_task(own.stop())
                await response.aread()
        else:
            stopping = asyncio.create_task(own.stop())
        async with no_hang():
            assert [(await each.closed())[0] for each in (client, other, silent)] == [1012] * 3
            await stopping
    assert seen.closed == seen.open


async def test_a_mutation_is_carried_through_while_the_server_drains(own: Server, seen: Watched) -> None:
    async with opened(own) as client:
        await client.subscribe("mutation { slowly }")
        await client.say(type="ping")
        await client.hear()
        await own.stop()
    assert seen.mutated == 1


class Noting(ClientConnection):
    """Remembers of which kind frames were."""

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame):
            self.__dict__.setdefault("heard", []).append(event.opcode)
        super().process_event(event)


async def test_silence_is_broken_by_pings_of_websocket_itself(lively: Server) -> None:
    """Tests WebSocket pings, which every client library answers by itself."""
    async with socket_to(lively, create_connection=Noting) as client:
        await client.init()
        await until(lambda: vars(client.raw).get("heard", []).count(Opcode.PING) >= 2)
        assert len(await client.answers("{ hello }")) == 2


async def test_a_client_that_sends_no_pong_is_told_to_connect_again(lively: Server) -> None:
    """graphql-ws connects again after 1013, but not after 1011. A phone that was asleep sends no pong."""
    connections = lively.uvicorn.server_state.connections
    async with opened(lively) as client:
        client.raw.transport.pause_reading()
        await until(lambda: not any(isinstance(each, LimitedWebSocketProtocol) for each in connections))
        client.raw.transport.resume_reading()
        async with no_hang():
            assert await client.closed() == (1013, "No pong was received in time")


async def test_frames_are_not_compressed(lively: Server) -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    async with socket_to(lively, additional_headers=offer) as client:
        assert client.raw.response is not None
        assert "sec-websocket-extensions" not in client.raw.response.headers


async def test_a_socket_is_one_line_in_the_log(lively: Server, seen: Watched, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gateway.sockets"):
        async with socket_to(lively) as client:
            await client.say(type="connection_init", payload={"client": {"name": "ios"}})
            await client.say(type="connection_init")
            assert (await client.closed())[0] == 4429
        await seen.until(lambda: bool(caplog.records))
    (record,) = caplog.records
    facts = vars(record)
    assert (record.getMessage(), facts["close"], facts["app"]) == ("WebSocket closed", 4429, "ios")
    assert 0 <= facts["seconds"] < HANG_SECONDS


@pytest.fixture
def log() -> Generator[io.StringIO]:
    """Collects the log of the server at level DEBUG, without that of the client."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    stream = io.StringIO()
    configure_logging("DEBUG", stream)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    yield stream
    root.level, root.handlers[:] = before


async def test_no_token_is_in_the_log_wherever_it_was_sent(lively: Server, log: io.StringIO) -> None:
    secret = "canary7391"
    address = f"{lively.websocket_url}?access_token={secret}"
    async with connect(address, subprotocols=[Subprotocol(TRANSPORT_WS)], compression=None) as raw:
        await raw.send(f'{{"type":"connection_init","payload":{{"other":"{secret}"}}}}')
        await raw.recv()
    await until(lambda: '"message":"WebSocket closed"' in log.getvalue())
    assert secret not in log.getvalue()
