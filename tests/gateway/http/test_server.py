"""Tests bytes that arrive at a socket before they are a request."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.server.http_protocol import NOT_A_REQUEST
from tests.cli.test_commands import serving
from tests.support.server import Server
from tests.support.timing import HANG_SECONDS, MOMENT, no_hang


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
    answer = await asyncio.wait_for(reader.read(), HANG_SECONDS)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json; charset=utf-8" in head
    (error,) = json.loads(body)["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    return head.splitlines()[0], error


POST = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


async def answers(
    address: tuple[str, int], *sent: bytes, wanted: int, closes: bool = False
) -> list[tuple[int, dict[str, Any]]]:
    """Status and body of each answer, until so many have come; no more come, and the server closes if it should."""
    reader, writer = await asyncio.open_connection(*address)
    writer.writelines(sent[:1])
    for part in sent[1:]:
        await asyncio.sleep(0.001)
        writer.write(part)
    found: list[tuple[int, dict[str, Any]]] = []
    async with no_hang():
        for _ in range(wanted):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            found.append((int(head.split()[1]), json.loads(await reader.readexactly(length))))
        if closes:
            assert await reader.read() == b""
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(MOMENT):
                    assert await reader.read() == b""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return found


ASKED = json.dumps({"query": "{ __typename }"})
ANSWERED = 200, {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("behind", [b"}", b"{}", b"\x00\x01", b"xyz / HTTP/1.1\r\n\r\n", b"x" * 900_000])
@pytest.mark.parametrize("before", [1, 2, 5])
async def test_complete_requests_are_answered_before_what_follows_them_is_refused(
    address: tuple[str, int], before: int, behind: bytes
) -> None:
    request = f"{POST}Content-Length: {len(ASKED)}\r\n\r\n{ASKED}".encode()
    *good, (status, body) = await answers(address, request * before + behind, wanted=before + 1, closes=True)
    assert good == [ANSWERED] * before
    (error,) = body["errors"]
    assert (status, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert error["message"] == NOT_A_REQUEST


@pytest.mark.parametrize(
    "broken",
    [f"{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n", f"{POST}A b: c\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n"],
    ids=["a chunk", "a header", "a method"],
)
async def test_a_broken_request_behind_complete_ones_is_refused_in_its_turn(
    address: tuple[str, int], broken: str
) -> None:
    request = f"{POST}Content-Length: {len(ASKED)}\r\n\r\n{ASKED}"
    found = await answers(address, (request * 3 + broken).encode(), wanted=4, closes=True)
    assert found[:3] == [ANSWERED] * 3
    assert (found[3][0], found[3][1]["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_too_many_requests_at_a_time_are_answered_as_far_as_they_are_taken(address: tuple[str, int]) -> None:
    request = f"{POST}Content-Length: {len(ASKED)}\r\n\r\n{ASKED}".encode()
    found = await answers(address, request * 150, wanted=102, closes=True)
    assert found[:101] == [ANSWERED] * 101
    assert (found[101][0], found[101][1]["errors"][0]["message"]) == (
        400,
        "Too many pipelined requests. Wait for responses.",
    )


@pytest.mark.parametrize(
    ("length", "message"),
    [
        ("Content-Length: {}\r\n", "Content-Length is the number of bytes, not of characters."),
        ("", "body: empty. Send JSON, and its number of bytes as Content-Length."),
    ],
)
async def test_where_the_length_is_wrong_the_answer_says_so(
    address: tuple[str, int], length: str, message: str
) -> None:
    """A client that counts characters, and one that names no length."""
    body = json.dumps({"query": "{ __typename }", "variables": {"name": "Zo\u00eb"}}, ensure_ascii=False)
    sent = f"{POST}{length.format(len(body))}\r\n{body}".encode()
    (status, first), (second_status, second) = await answers(address, sent, wanted=2, closes=True)
    assert (status, second_status) == (400, 400)
    assert first["errors"][0]["message"].endswith(message)
    assert second["errors"][0]["message"] == NOT_A_REQUEST


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
        answered = await asyncio.wait_for(reader.readuntil(b'{"data":{"__typename":"Query"}}'), HANG_SECONDS)
        assert answered.startswith(b"HTTP/1.1 200 OK")
    writer.close()
    await writer.wait_closed()


async def test_a_long_body_that_comes_with_the_end_of_its_head_counts_for_no_head(address: tuple[str, int]) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode().ljust(150_000)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: a\r\n")
    await asyncio.sleep(0.05)
    writer.write(b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), HANG_SECONDS)).startswith(b"HTTP/1.1 200 OK")
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
    answered = await asyncio.wait_for(reader.readuntil(b'{"data":{"viewer":null}}'), HANG_SECONDS)
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
    """Clients acknowledge after 40 ms what does not fill a packet, however fast the machine is."""
    taken: list[float] = []
    for _ in range(50):
        began = time.perf_counter()
        await lively.http.post("/graphql", json={"query": "{ hello }"})
        taken.append(time.perf_counter() - began)
    assert min(taken[1:]) < 0.04


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


UPGRADES = ["h2c", "foo", "TLS/1.0", "h2c, websocket"]


@pytest.mark.parametrize("upgrade", UPGRADES)
async def test_a_body_behind_an_upgrade_is_no_request(address: tuple[str, int], upgrade: str) -> None:
    """Tests a request that proxies would parse with a body."""
    behind = b"GET /graphql?query={smuggled:__typename} HTTP/1.1\r\nHost: a\r\n\r\n"
    head = f"{POST}Connection: Upgrade\r\nUpgrade: {upgrade}\r\n"
    sent = [head.encode() + b"Content-Length: %d\r\n\r\n" % len(behind), behind]
    for parts in (sent, [b"".join(sent)]):
        ((status, body),) = await answers(address, *parts, wanted=1)
        assert (status, body["errors"][0]["message"]) == (400, "body: not valid JSON.")
    status_line, _ = await told(address, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n", behind)
    assert status_line == b"HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize("upgrade", UPGRADES)
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_request_that_offers_another_protocol_is_answered_over_this_one(
    address: tuple[str, int], upgrade: str, size: int
) -> None:
    """Tests an upgrade to HTTP/2 with a body, as the JVM's HTTP client sends it."""
    offer = f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
    body = b'{"query": "{ __typename }"}'
    whole = f"{POST}{offer}Content-Length: {len(body)}\r\n\r\n".encode() + body
    chunked = f"{POST}{offer}Transfer-Encoding: chunked\r\n\r\n".encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    sent = whole + chunked + whole
    parts = [sent[start : start + size] for start in range(0, len(sent), size)]
    assert await answers(address, *parts, wanted=3) == [(200, {"data": {"__typename": "Query"}})] * 3


async def test_many_requests_that_offer_another_protocol_are_each_read_once(address: tuple[str, int]) -> None:
    one = b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert await answers(address, one * 90, wanted=1) == [(200, {"data": {"__typename": "Query"}})], "close is kept"
    kept = one.replace(b"close, ", b"")
    assert await answers(address, kept * 90, wanted=90) == [(200, {"data": {"__typename": "Query"}})] * 90


async def test_a_server_is_no_proxy(address: tuple[str, int]) -> None:
    status, error = await told(address, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nxx")
    assert (status, error["message"]) == (b"HTTP/1.1 400 Bad Request", "This server is not a proxy.")


async def test_who_may_upgrade_is_answered_over_what_they_speak(lively: Server) -> None:
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    for _ in range(2):
        answer = await lively.http.get("/graphql", params={"query": "{ hello }"}, headers=headers)
        assert answer.json() == {"data": {"hello": "world"}}
