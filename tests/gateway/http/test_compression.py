import gzip
import json
import sys
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from httpx2 import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.origins import Origins, read_origins
from gateway.http.compression import MIN_COMPRESSED_BYTES
from gateway.http.cors import CrossOrigin
from gateway.http.front import HttpFront
from gateway.http.security import SecurityHeaders
from gateway.statistics import HttpStatistics
from tests.support.client import HOME, Client

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODINGS: dict[str | None, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress, None: bytes,
}  # fmt: skip


async def home(client: Client, accepted: str, accept: str = "application/json") -> tuple[Response, bytes]:
    """The home screen of ana, and its bytes on the wire."""
    headers = {"Authorization": f"Bearer {await client.token('ana')}", "Accept-Encoding": accepted, "Accept": accept}
    async with client.http.stream("POST", "/graphql", json={"query": HOME}, headers=headers) as response:
        return response, b"".join([chunk async for chunk in response.aiter_raw()])


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=0.9, br", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=1.0, br;q=0.5, zstd;q=0", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("*;q=0", None),
        ("deflate", None),
        ("identity", None),
        ("br;q=nan", None),
        ("", None),
    ],
)
async def test_an_answer_comes_in_the_coding_that_the_client_wants_most(
    client: Client, accept: str, accepted: str, coding: str | None
) -> None:
    response, raw = await home(client, accepted, accept)
    assert response.headers.get("content-encoding") == coding
    assert response.headers["content-length"] == str(len(raw))
    assert response.headers["vary"] == "Accept-Encoding"
    plain = CODINGS[coding](raw)
    assert len(json.loads(plain)["data"]["viewer"]["feed"]["edges"]) == 20
    assert len(raw) < len(plain) / 3 or coding is None


@pytest.mark.parametrize(
    ("agent", "accepted", "coding"),
    [
        ("node", "gzip, deflate, br, zstd", "br"),
        ("node", "gzip, zstd", "gzip"),
        ("node", "zstd", None),
        ("node", "*", "br"),
        ("Mozilla/5.0", "gzip, deflate, br, zstd", "zstd"),
    ],
)
async def test_node_is_not_sent_zstd_which_it_may_ask_for_and_not_read(
    client: Client, agent: str, accepted: str, coding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted, "User-Agent": agent}
    async with client.http.stream("GET", "/schema.graphql", headers=headers) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers.get("content-encoding") == coding
    assert b"type Viewer " in CODINGS[coding](raw)


async def test_small_answers_stay_as_they_are(client: Client) -> None:
    response = await client.post("{ __typename }", **{"Accept-Encoding": "zstd, br, gzip"})
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"


async def test_text_is_compressed_too(client: Client) -> None:
    response = await client.http.get("/schema.graphql", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert "type Viewer " in response.text


async def answered(*messages: Message) -> list[Message]:
    """Returns the messages that a client with gzip receives for an application's messages, without common headers."""
    sent = list[Message]()
    seen = list[int]()

    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
            seen.append(len(sent))

    async def send(message: Message) -> None:
        if "headers" in message:
            message["headers"] = [pair for pair in message["headers"] if pair[0] not in OF_ALL_RESPONSES]
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "query_string": b"", "client": None}
    await http_front(application)({**scope, "headers": [(b"accept-encoding", b"gzip")]}, receive, send)
    assert seen[1:] == list(range(2, len(messages) + 1)), "each part is sent when it is there"
    return sent


OF_ALL_RESPONSES = {
    b"x-request-id",
    b"content-security-policy",
    b"x-content-type-options",
    b"referrer-policy",
    b"cross-origin-resource-policy",
}


def http_front(application: ASGIApp) -> HttpFront:
    """Returns the layer around an application, without permitted origins."""
    origins = Origins(read_origins("BFF_CORS_ORIGINS", ""), loopback=False)
    security = SecurityHeaders(production=False)
    return HttpFront(
        application,
        paths={},
        websocket_paths={},
        security=security,
        cross_origin=CrossOrigin(origins),
        statistics=HttpStatistics(),
    )


def start(*headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


@pytest.mark.parametrize("kind", [b"multipart/mixed; boundary=-", b"text/event-stream", b"application/json"])
async def test_what_is_sent_in_parts_goes_on_part_by_part_and_as_it_is(kind: bytes) -> None:
    parts = [part(b"a" * MIN_COMPRESSED_BYTES), part(b"b" * MIN_COMPRESSED_BYTES), part(b"", more=False)]
    sent = await answered(start((b"content-type", kind)), *parts)
    assert sent[1:] == parts
    assert all(name != b"content-encoding" for name, _ in sent[0]["headers"])


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", b"image/png")],
        [(b"content-type", b"application/json"), (b"content-encoding", b"br")],
        [],
    ],
)
async def test_what_is_compressed_or_cannot_be_stays_as_it_is(headers: list[tuple[bytes, bytes]]) -> None:
    body = part(b"a" * MIN_COMPRESSED_BYTES, more=False)
    assert await answered(start(*headers), body) == [start(*headers), body]
