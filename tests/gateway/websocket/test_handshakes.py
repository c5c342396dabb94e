"""Tests which requests open a WebSocket, and how others are rejected."""

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.gateway.promptness import promptly
from tests.support.server import Server
from tests.support.sockets import socket_to

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
HANDSHAKES = {
    "a body": (KEY + VERSION + b"Content-Length: 5\r\n", b"hello", 400),
    "chunks": (KEY + VERSION + b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n", 400),
    "a long header": (KEY + VERSION + b"Origin: http://" + b"a" * 9000 + b"\r\n", b"", 400),
    "many headers": (KEY + VERSION + b"".join(b"X-%d: 1\r\n" % number for number in range(150)), b"", 400),
    "no key": (VERSION, b"", 400),
    "a short key": (b"Sec-WebSocket-Key: eA==\r\n" + VERSION, b"", 400),
    "two keys": (KEY + KEY + VERSION, b"", 400),
    "no version": (KEY, b"", 400),
    "another version": (KEY + b"Sec-WebSocket-Version: 8\r\n", b"", 400),
}


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize(("headers", "body", "status"), HANDSHAKES.values(), ids=HANDSHAKES)
async def test_what_is_no_handshake_is_refused_in_json(
    own: Server, quiet: Callable[[], None], headers: bytes, body: bytes, status: int
) -> None:
    async def shake() -> bytes:
        host, _, port = own.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + headers
        writer.write(head + b"\r\n" + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    head, _, told = (await promptly(shake)).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"content-type: application/json; charset=utf-8" in head.lower()
    (error,) = json.loads(told)["errors"]
    assert (error["extensions"]["code"], bool(error["message"])) == ("BAD_REQUEST", True)
    quiet()
    await own.stop()


@pytest.mark.parametrize("protocols", [["graphql-ws"], ["graphql-ws", "subscriptions-transport-ws"], ["mqtt"], []])
async def test_other_subprotocols_are_refused_so_that_the_client_sees_why(
    lively: Server, quiet: Callable[[], None], protocols: list[str]
) -> None:
    async def speak() -> tuple[int, str]:
        async with socket_to(lively, protocols=protocols) as client:
            return await client.closed()

    assert await promptly(speak) == (4406, "Use the subprotocol graphql-transport-ws")
    quiet()


async def test_the_subprotocol_is_taken_from_among_others(lively: Server) -> None:
    async with socket_to(lively, protocols=["graphql-ws", "graphql-transport-ws"]) as client:
        assert client.raw.subprotocol == "graphql-transport-ws"
        await client.init()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://{address}", True),
        ("https://{address}", True),
        ("https://listed.example", True),
        ("https://elsewhere.example", False),
        ("HTTPS://Listed.Example:443", False),
        ("http://127.0.0.1", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.2", False),
        ("null", False),
        ("http://[", False),
        ("http://[1]]/", False),
    ],
)
async def test_pages_of_other_origins_are_refused(lively: Server, origin: str | None, *, allowed: bool) -> None:
    origin = origin and origin.format(address=lively.address)
    async with socket_to(lively, origin=origin) as client:
        if allowed:
            await client.init()
        else:
            assert await client.closed() == (4403, "This origin is not allowed")
