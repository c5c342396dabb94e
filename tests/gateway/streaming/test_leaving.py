"""Streams that end although something is in the way of it."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.support.live import Watched
from tests.support.server import Server
from tests.support.timing import no_hang

FOREVER = "subscription { forever { number } }"
EVENTS = "text/event-stream"
DEFERRED = "{ hello ... @defer { never } }", "multipart/mixed;deferSpec=20220824"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def written(query: str, accept: str, token: str = "") -> tuple[bytes, bytes]:
    """Head and body of a request."""
    body = json.dumps({"query": query}).encode()
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAccept: {accept}\r\n{authorization}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body


@asynccontextmanager
async def connected(server: Server) -> AsyncGenerator[Stream]:
    host, _, port = server.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize("more", [0, 1, 3])
@pytest.mark.parametrize("asked", [(FOREVER, EVENTS), DEFERRED], ids=["events", "parts"])
async def test_who_has_sent_more_requests_behind_a_stream_may_leave(
    lively: Server, seen: Watched, caplog: pytest.LogCaptureFixture, asked: tuple[str, str], more: int
) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written(*asked)))
        await reader.readuntil(b"\r\n\r\n")
        await seen.until(lambda: seen.open == 1)
        writer.write(b"".join(written("{ hello }", "application/json")) * more)
        await writer.drain()
        await asyncio.sleep(0.05)
    await seen.until(lambda: seen.closed == 1)
    await seen.until(lambda: not lively.uvicorn.server_state.tasks)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("behind", [b"no HTTP\r\n\r\n", b"x" * 70_000])
async def test_what_is_no_request_behind_a_stream_ends_it_and_is_no_part_of_it(
    lively: Server, seen: Watched, behind: bytes
) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written(FOREVER, EVENTS)))
        await reader.readuntil(b'{"number":0}}}\n\n')
        writer.write(behind)
        rest = b""
        async with no_hang():
            with suppress(ConnectionError):
                while part := await reader.read(1000):
                    rest += part
    assert b"HTTP/1.1" not in rest
    await seen.until(lambda: seen.closed == 1)


@pytest.mark.parametrize(
    ("behind", "status"),
    [([b"no HTTP\r\n\r\n", b"x" * 1000], b"400"), ([b"GET / HTTP/1.1\r\nX: ", b"x" * 70_000], b"431")],
)
async def test_a_request_that_takes_its_time_is_answered_before_what_follows_it_is_refused(
    lively: Server, behind: list[bytes], status: bytes
) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written("{ later }", "application/json")))
        for part in behind:
            await asyncio.sleep(0.02)
            writer.write(part)
        async with no_hang():
            answer, _, refusal = (await reader.read()).partition(b'{"data":{"later":"done"}}')
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert refusal.startswith(b"HTTP/1.1 %b " % status)


async def test_requests_that_come_before_the_last_is_answered_are_answered_in_turn(lively: Server) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written("{ later }", "application/json") + written("{ hello }", "application/json")))
        async with no_hang():
            await reader.readuntil(b'{"data":{"later":"done"}}')
            await reader.readuntil(b'{"data":{"hello":"world"}}')


async def test_requests_behind_a_stream_do_not_pile_up(lively: Server, seen: Watched) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written(FOREVER, EVENTS)))
        await reader.readuntil(b"\r\n\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                writer.write(b"".join(written(f"{{ hello }} #{'x' * 10_000}", "application/json")))
                await writer.drain()
                await asyncio.sleep(0)
    await seen.until(lambda: seen.closed == 1)


async def test_small_requests_behind_another_do_not_pile_up(lively: Server) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written("{ later }", "application/json")) + b"GET /x HTTP/1.1\r\n\r\n" * 5000)
        with suppress(ConnectionError):
            async with no_hang():
                await reader.read()
    assert not [each for each in lively.uvicorn.server_state.connections if len(getattr(each, "pipeline", ())) > 100]


async def test_who_goes_on_sending_requests_ahead_gets_all_answers(lively: Server) -> None:
    asked, most = b"".join(written(f"{{ hello }} #{'x' * 4000}", "application/json")), 4
    async with connected(lively) as (reader, writer):
        writer.write(asked * most)
        for _ in range(150):
            writer.write(asked)
            await writer.drain()
            async with no_hang():
                await reader.readuntil(b'{"data":{"hello":"world"}}')


async def test_a_long_body_behind_a_request_that_takes_its_time_is_read(lively: Server) -> None:
    async with connected(lively) as (reader, writer):
        long = b"".join(written(f"{{ hello }} #{'x' * 60_000}", "application/json"))
        head, body = written("{ hello }", "application/json")
        head = head.replace(b"%d\r\n\r\n" % len(body), b"500000\r\n\r\n")
        writer.write(b"".join(written("{ later }", "application/json")) + long + head + body.ljust(500_000))
        async with no_hang():
            await reader.readuntil(b'{"data":{"later":"done"}}')
            for _ in range(2):
                await reader.readuntil(b'{"data":{"hello":"world"}}')


async def test_a_stream_that_begins_while_the_server_drains_ends_at_once(own: Server) -> None:
    async with connected(own) as (reader, writer):
        head, body = written(FOREVER, EVENTS)
        writer.write(head + body[:5])
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(own.stop())
        await asyncio.sleep(0.2)
        writer.write(body[5:])
        async with no_hang():
            answer = await reader.read()
            await stopping
    assert answer.endswith(b"\r\n0\r\n\r\n"), "an end"
    assert b"event: complete" not in answer, "so that clients come back"


async def test_a_stream_ends_that_began_while_its_device_was_signed_out(lively: Server, seen: Watched) -> None:
    async with connected(lively) as (reader, writer):
        writer.write(b"".join(written("subscription { late }", EVENTS, lively.token(7, 91))))
        await seen.until(lambda: seen.open == 1)
        lively.revoke(91)
        async with no_hang():
            answer = await reader.readuntil(b"event: complete")
    assert b'"code":"UNAUTHENTICATED"' in answer


async def test_head_opens_no_stream(lively: Server, seen: Watched) -> None:
    response = await lively.http.head("/graphql", params={"query": FOREVER}, headers={"Accept": EVENTS})
    assert (response.status_code, response.headers["content-type"], response.content) == (
        200,
        f"{EVENTS}; charset=utf-8",
        b"",
    )
    assert seen.open == 0
