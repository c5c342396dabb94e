"""Long bodies that are on their way at the same time."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.requests.bodies import MAX_BODY_BYTES, MAX_LONG_BODY_BYTES, SHORT_BODY_BYTES
from tests.support.server import Server
from tests.support.timing import HANG_SECONDS, no_hang

TOGETHER = MAX_LONG_BODY_BYTES // (MAX_BODY_BYTES - 1 - SHORT_BODY_BYTES)
"""The number of requests that send all but their last bytes."""

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def begun(server: Server, length: int) -> AsyncGenerator[Stream]:
    """A request of which all but the last byte has been sent."""
    host, _, port = server.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    body = json.dumps({"query": "{ hello }"}).encode()
    writer.write(head.encode() + body.ljust(length - 1))
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def answer_of(stream: Stream, rest: bytes = b"") -> tuple[bytes, bytes]:
    """Status line and body."""
    reader, writer = stream
    writer.write(rest)
    async with no_hang():
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read(65536)
    return head.splitlines()[0], body


async def test_there_is_a_bound_for_long_ones_and_none_for_short_ones(lively: Server) -> None:
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(begun(lively, MAX_BODY_BYTES)) for _ in range(TOGETHER + 1)]
        answers = {asyncio.create_task(answer_of(stream)): stream for stream in streams}
        (refused,), waiting = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED, timeout=HANG_SECONDS)
        status, body = refused.result()
        assert status == b"HTTP/1.1 503 Service Unavailable"
        (error,) = json.loads(body)["errors"]
        assert error["extensions"]["code"] == "OVERLOADED"
        assert error["message"] == "Too many large requests are being received. Try again."
        async with begun(lively, SHORT_BODY_BYTES) as short:
            assert (await answer_of(short, b" "))[0] == b"HTTP/1.1 200 OK"
        for task in waiting:
            answers[task][1].write(b" ")
        assert {(await task)[0] for task in waiting} == {b"HTTP/1.1 200 OK"}


async def test_what_is_cut_off_is_held_no_longer(lively: Server) -> None:
    for _ in range(2):
        async with AsyncExitStack() as stack:
            for _ in range(TOGETHER):
                await stack.enter_async_context(begun(lively, MAX_BODY_BYTES))
        async with begun(lively, MAX_BODY_BYTES) as next_one:
            assert (await answer_of(next_one, b" "))[0] == b"HTTP/1.1 200 OK"
