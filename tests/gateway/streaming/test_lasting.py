"""Streams of events that go on: kept alive, and ended by the client, the token or the server."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from core.clock import system_clock
from core.keys import KeyRing
from core.settings import Settings
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from tests.support.live import Watched
from tests.support.server import Server
from tests.support.timing import no_hang

EVENTS = "text/event-stream"
PARTS = "multipart/mixed;subscriptionSpec=1.0"
FOREVER = "subscription { forever { number } }"
HEARTBEATS = {EVENTS: ":\n\n", PARTS: "\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql"}
BEGINNINGS = {
    EVENTS: ':\n\nevent: next\ndata: {"data":{"forever":{"number":0}}}\n\n',
    PARTS: "\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
    '{"payload":{"data":{"forever":{"number":0}}}}\r\n--graphql',
}
both = pytest.mark.parametrize("accept", [EVENTS, PARTS])


class Stream:
    """Collects the received events, beginning with the first."""

    def __init__(self, chunks: AsyncIterator[str]) -> None:
        self._chunks = chunks
        self.text = ""

    async def until(self, ending: str) -> None:
        while not self.text.endswith(ending):
            self.text += await anext(self._chunks)

    async def rest(self, beginning: str) -> str:
        """All that comes after the beginning until the server ends the stream, heartbeats left out."""
        async for chunk in self._chunks:
            self.text += chunk
        found = self.text.removeprefix(beginning).replace(HEARTBEATS[PARTS], "")
        return re.sub(r"^:\n\n", "", found, flags=re.MULTILINE)


@asynccontextmanager
async def listening(server: Server, accept: str, token: str | None = None) -> AsyncGenerator[Stream]:
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    async with server.http.stream("POST", "/graphql", json={"query": FOREVER}, headers=headers) as response:
        chunks = response.aiter_text()
        stream = Stream(chunks)
        await stream.until(BEGINNINGS[accept])
        yield stream


@both
async def test_silence_is_broken_by_heartbeats(lively: Server, seen: Watched, accept: str) -> None:
    async with listening(lively, accept) as stream:
        await stream.until(HEARTBEATS[accept] * 2)
        assert stream.text == BEGINNINGS[accept] + HEARTBEATS[accept] * 2
    await seen.until(lambda: seen.closed == 1)


@both
async def test_the_source_is_closed_when_the_client_goes_away(lively: Server, seen: Watched, accept: str) -> None:
    async with listening(lively, accept):
        assert (seen.open, seen.closed) == (1, 0)
    await seen.until(lambda: seen.closed == 1)


def last_error(written: str) -> dict[str, object]:
    errors = json.loads(written[written.index("{") : written.rindex("}") + 1])["errors"]
    return {"code": errors[0]["extensions"]["code"], "retryable": errors[0]["extensions"]["retryable"]}


@both
async def test_a_stream_ends_when_its_device_is_signed_out(woken: Server, seen: Watched, accept: str) -> None:
    device = 71 if accept == EVENTS else 72
    ended, other = woken.token(device_id=device), woken.token(device_id=79)
    async with listening(woken, accept, ended) as stream, listening(woken, accept, other):
        woken.revoke(device)
        async with no_hang():
            rest = await stream.rest(BEGINNINGS[accept])
        assert last_error(rest) == {"code": "UNAUTHENTICATED", "retryable": False}
        assert rest.endswith("event: complete\ndata:\n\n" if accept == EVENTS else "\r\n--graphql--")
        await seen.until(lambda: seen.closed == 1)
        assert seen.open == 2, "the other device's stream goes on"
    await seen.until(lambda: seen.closed == 2)


@both
async def test_a_stream_ends_when_its_token_does(
    lively: Server, lively_settings: Settings, seen: Watched, accept: str
) -> None:
    keys, revocations = KeyRing(lively_settings.secret_keys), lively.resources.revocations
    ending = AccessTokens(keys, lambda: system_clock() - timedelta(seconds=55), timedelta(seconds=60), revocations)
    token, _ = ending.issue(SignedIn(7, 73))
    async with listening(lively, accept, token) as stream, no_hang():
        rest = await stream.rest(BEGINNINGS[accept])
    assert last_error(rest) == {"code": "UNAUTHENTICATED", "retryable": False}
    await seen.until(lambda: seen.closed == 1)


async def test_a_server_that_drains_ends_event_streams_so_that_clients_come_back(own: Server, seen: Watched) -> None:
    """graphql-sse connects again when a stream ends without being complete."""
    async with listening(own, EVENTS) as stream:
        stopping = asyncio.create_task(own.stop())
        assert re.fullmatch(r"retry: \d{1,3}\n\n", await stream.rest(BEGINNINGS[EVENTS]))
        async with no_hang():
            await stopping
    assert seen.closed == 1


async def test_a_server_that_drains_ends_parts_with_an_error_that_says_to_come_back(own: Server, seen: Watched) -> None:
    async with listening(own, PARTS) as stream:
        stopping = asyncio.create_task(own.stop())
        rest = await stream.rest(BEGINNINGS[PARTS])
        assert last_error(rest) == {"code": "UNAVAILABLE", "retryable": True}
        assert rest.endswith("\r\n--graphql--")
        async with no_hang():
            await stopping
    assert seen.closed == 1


@both
async def test_a_stream_that_a_drain_ends_is_no_warning_in_the_log(
    own: Server, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gateway.requests"):
        async with listening(own, accept) as stream:
            stopping = asyncio.create_task(own.stop())
            await stream.rest(BEGINNINGS[accept])
            async with no_hang():
                await stopping
    (record,) = [record for record in caplog.records if record.getMessage() == "request"]
    assert (record.levelname, getattr(record, "errors", None)) == ("INFO", None)


async def test_what_is_deferred_is_finished_while_the_server_drains(own: Server) -> None:
    body = {"query": "{ hello ... @defer { later } }"}
    async with own.http.stream("POST", "/graphql", json=body, headers={"Accept": "multipart/mixed"}) as response:
        chunks = response.aiter_text()
        assert '"hello":"world"' in await anext(chunks) + await anext(chunks)
        stopping = asyncio.create_task(own.stop())
        assert '"later":"done"' in "".join([chunk async for chunk in chunks])
        await stopping
