"""What arrives at a socket and is no request yet."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.cli.test_commands import serving
from tests.support.server import Server


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[str, int]]:
    folder: Path = tmp_path_factory.mktemp("server")
    async with serving("dev", folder=folder, environment={"BFF_GRAPHIQL": "false"}) as http:
        assert http.base_url.port
        yield http.base_url.host, http.base_url.port


async def told(address: tuple[str, int], *sent: bytes) -> tuple[bytes, dict[str, object]]:
    """Status line and body of what a server answers before it hangs up."""
    reader, writer = await asyncio.open_connection(*address)
    for part in sent:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json; charset=utf-8" in head
    (error,) = json.loads(body)["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    return head.splitlines()[0], error


@pytest.mark.parametrize(
    "sent",
    [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /graphql HTTP/1.1\r\nA b: c\r\n\r\n",
     b"POST /graphql HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
     b"POST /graphql HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"],
)  # fmt: skip
async def test_what_is_no_http_is_refused_with_a_body(address: tuple[str, int], sent: bytes) -> None:
    status, _ = await told(address, sent)
    assert status == b"HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize("piece", [b"X-Header: " + b"x" * 5000 + b"\r\n", b"x" * 5000])
async def test_headers_without_an_end_are_cut_off(address: tuple[str, int], piece: bytes) -> None:
    status, error = await told(address, b"GET /graphql HTTP/1.1\r\nHost: a\r\nX: ", *[piece] * 14)
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert error["message"] == "The headers are too long."


async def test_long_bodies_after_each_other_count_for_no_head(address: tuple[str, int]) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode().ljust(100_000)
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(3):
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
    for _ in range(3):
        answered = await asyncio.wait_for(reader.readuntil(b'{"data":{"__typename":"Query"}}'), 10)
        assert answered.startswith(b"HTTP/1.1 200 OK")
    writer.close()
    await writer.wait_closed()


async def test_a_long_body_that_comes_with_the_end_of_its_head_counts_for_no_head(address: tuple[str, int]) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode().ljust(150_000)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: a\r\n")
    await asyncio.sleep(0.05)
    writer.write(b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)).startswith(b"HTTP/1.1 200 OK")
    writer.close()
    await writer.wait_closed()


CHUNKED = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
WHO = b'{"query":"{ viewer { user { id } } }"}'
ENDED = b"%x\r\n%b\r\n0\r\n" % (len(WHO), WHO)


@pytest.mark.parametrize("trailer", [b"Authorization: Bearer nonsense", b"Content-Encoding: gzip"])
async def test_what_follows_a_body_is_no_header_of_the_request(address: tuple[str, int], trailer: bytes) -> None:
    """A proxy takes headers away, or puts its own there, and passes trailers on."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(CHUNKED + b"\r\n" + ENDED + trailer + b"\r\n\r\n")
    answered = await asyncio.wait_for(reader.readuntil(b'{"data":{"viewer":null}}'), 10)
    assert answered.startswith(b"HTTP/1.1 200 OK")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (CHUNKED + b"\r\n" + ENDED, b"x: y\r\n" * 800),
        (CHUNKED + b"\r\n" + ENDED + b"x: ", b"x" * 5000),
        (CHUNKED + b"\r\n1;", b"x" * 5000),
        (b"", b"\r\n" * 2500),
    ],
    ids=["trailers", "a long trailer", "what is said of a chunk", "empty lines before a request"],
)
async def test_what_is_neither_head_nor_body_has_an_end_too(
    address: tuple[str, int], before: bytes, piece: bytes
) -> None:
    status, error = await told(address, before, *[piece] * 14)
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert error["message"] == "The headers are too long."


async def test_an_answer_is_not_held_back_until_its_head_is_acknowledged(lively: Server) -> None:
    """Clients acknowledge after 40 ms what does not fill a packet."""
    taken: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        await lively.http.post("/graphql", json={"query": "{ hello }"})
        taken.append(time.perf_counter() - began)
    assert min(taken[1:]) < 0.02


async def test_a_length_with_zeros_before_it_is_a_length(lively: Server) -> None:
    host, _, port = lively.address.partition(":")
    body = b'{"query": "{ hello }"}'
    for length, status in (
        (b"0" * 5000 + b"%d" % len(body), b"200"),
        (b"9" * 18, b"413"),
        (b"0" * 5000 + b"1048577", b"413"),
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        head = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %b\r\n\r\n"
        writer.write(head % length + body)
        assert (await reader.readuntil(b"\r\n")).split()[1] == status
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("upgrade", ["h2c", "foo", "TLS/1.0", "h2c, websocket"])
@pytest.mark.parametrize("length", ["Content-Length: 61", "Transfer-Encoding: chunked"])
async def test_a_body_behind_an_upgrade_is_no_request(address: tuple[str, int], upgrade: str, length: str) -> None:
    """For a proxy it is a body."""
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n{length}\r\n\r\n"
    behind = "GET /graphql?query={smuggled:__typename} HTTP/1.1\r\nHost: a\r\n\r\n"
    status, error = await told(address, head.encode(), behind.encode())
    assert status == b"HTTP/1.1 400 Bad Request"
    assert error["message"] == "Send requests that have a body without the header Upgrade."


async def test_who_may_upgrade_is_answered_over_what_they_speak(lively: Server) -> None:
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    for _ in range(2):
        answer = await lively.http.get("/graphql", params={"query": "{ hello }"}, headers=headers)
        assert answer.json() == {"data": {"hello": "world"}}
