"""Tests violations of the protocol and the close codes."""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.gateway.promptness import promptly
from tests.support.server import Server
from tests.support.sockets import opened, socket_to
from tests.support.timing import no_hang, until

NO_MESSAGE = (4400, "Invalid message of graphql-transport-ws")
QUERY = {"query": "{ hello }"}
FOREVER = {"query": "subscription { forever { number } }"}


class Frames(NamedTuple):
    """Holds the messages of a violation, with or without an acknowledgement before, and the close code."""

    name: str
    closed: tuple[int, str]
    sent: list[str | bytes]
    acknowledged: bool = True


def said(**message: Any) -> str:
    return json.dumps(message)


def malformed(name: str, sent: str | bytes, *, acknowledged: bool = True) -> Frames:
    return Frames(name, NO_MESSAGE, [sent], acknowledged)


def subscribed(name: str, payload: Any, **more: Any) -> Frames:
    return malformed(name, said(type="subscribe", **{"id": "1", "payload": payload, **more}))


FRAMES = [
    malformed("an empty frame", ""),
    malformed("no JSON", "hello"),
    malformed("JSON that ends early", '{"type": "ping"'),
    malformed("two messages in a frame", '{"type": "ping"}{"type": "ping"}'),
    malformed("null", "null"),
    malformed("a number", "1"),
    malformed("a string", '"ping"'),
    malformed("true", "true"),
    malformed("an array", '[{"type": "ping"}]'),
    malformed("NaN", '{"type": "ping", "payload": {"a": NaN}}'),
    malformed("a number of 5,000 digits", f'{{"type": "ping", "payload": {{"a": {"9" * 5000}}}}}'),
    malformed("half of a surrogate pair", '{"type": "ping", "payload": {"a": "\\ud800"}}'),
    malformed("30,000 brackets", "[" * 30_000),
    malformed("no type", "{}"),
    malformed("a type that is a number", said(type=1)),
    malformed("a type that is null", said(type=None)),
    malformed("an unknown type", said(type="start", id="1", payload=QUERY)),
    malformed("a type of another case", said(type="PING")),
    malformed("what only servers say", said(type="next", id="1", payload={"data": None})),
    malformed("the legacy protocol's end", said(type="connection_terminate")),
    malformed("an init with a list", said(type="connection_init", payload=[]), acknowledged=False),
    malformed("an init with a string", said(type="connection_init", payload="x"), acknowledged=False),
    malformed("a ping with a number", said(type="ping", payload=1)),
    malformed("a pong with a string", said(type="pong", payload="x")),
    malformed("a subscribe without id", said(type="subscribe", payload=QUERY)),
    subscribed("an id that is a number", QUERY, id=1),
    subscribed("an id that is null", QUERY, id=None),
    subscribed("an empty id", QUERY, id=""),
    subscribed("an id of 300 letters", QUERY, id="x" * 300),
    malformed("a subscribe without payload", said(type="subscribe", id="1")),
    subscribed("a payload that is null", None),
    subscribed("a payload that is a string", "{ hello }"),
    subscribed("a payload that is a list", [QUERY]),
    subscribed("a query that is a number", {"query": 1}),
    subscribed("variables that are a list", {**QUERY, "variables": []}),
    subscribed("variables that are a string", {**QUERY, "variables": "{}"}),
    subscribed("an operationName that is a number", {**QUERY, "operationName": 1}),
    subscribed("extensions that are a string", {**QUERY, "extensions": "x"}),
    malformed("a complete without id", said(type="complete")),
    malformed("binary nothing", b""),
    malformed("binary data that is no UTF-8", b'{"type": "\xff"}'),
    Frames("a frame of more than 64 KiB", (1009, ""), [said(type="ping", payload={"a": "x" * 65_536})]),
    Frames(
        "a token that is a number",
        (4400, "Send the access token as text"),
        [said(type="ping", payload={"authToken": 1})],
    ),
    Frames(
        "a token that is an object",
        (4400, "Send the access token as text"),
        [said(type="connection_init", payload={"Authorization": {}})],
        acknowledged=False,
    ),
    Frames(
        "a token that is none",
        (4403, "The access token is invalid or has expired. Refresh the session or sign in again."),
        [said(type="connection_init", payload={"Authorization": "Bearer x"})],
        acknowledged=False,
    ),
    Frames(
        "another scheme",
        (4403, "Send the access token as 'Authorization: Bearer …'."),
        [said(type="connection_init", payload={"authorization": "Basic eDp4"})],
        acknowledged=False,
    ),
    Frames(
        "a subscribe before the init",
        (4401, "Send connection_init first"),
        [said(type="subscribe", id="1", payload=QUERY)],
        acknowledged=False,
    ),
    Frames("a second init", (4429, "connection_init was sent twice"), [said(type="connection_init")]),
    Frames(
        "two inits at once",
        (4429, "connection_init was sent twice"),
        [said(type="connection_init"), said(type="connection_init")],
        acknowledged=False,
    ),
    Frames(
        "an id that is in use",
        (4409, "An operation with this id is running"),
        [said(type="subscribe", id="1", payload=FOREVER)] * 2,
    ),
]


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("frames", FRAMES, ids=lambda frames: frames.name)
async def test_a_violation_closes_the_socket_at_once_with_its_code(
    lively: Server, quiet: Callable[[], None], frames: Frames
) -> None:
    async def violate() -> tuple[int, str]:
        async with socket_to(lively) as client:
            if frames.acknowledged:
                await client.init()
            for frame in frames.sent:
                await client.raw.send(frame)
            return await client.closed()

    code, reason = await promptly(violate)
    assert (code, "" if code == 1009 else reason) == frames.closed
    quiet()
    assert await still_serves(lively)


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    head = bytes([(0x80 if final else 0) | reserved | opcode, (0x80 if masked else 0) | len(payload)])
    return head + (struct.pack("!I", 0) if masked else b"") + payload


RAW = {
    "text that is no UTF-8": (frame(1, b"\xff\xfe"), 1007),
    "text that is no UTF-8, in two frames": (frame(1, b"{", final=False) + frame(0, b"\xc3\x28"), 1007),
    "a frame without mask": (frame(1, b"{}", masked=False), 1002),
    "a reserved bit": (frame(1, b"{}", reserved=0x40), 1002),
    "an unknown opcode": (frame(3, b""), 1002),
    "a continuation of nothing": (frame(0, b"{}"), 1002),
    "a ping in two frames": (frame(9, b"", final=False), 1002),
    "a close with a code that is none": (frame(8, struct.pack("!H", 1)), 1002),
    "fragments of more than 64 KiB": (frame(1, b"{", final=False) + frame(0, b" " * 100, final=False) * 700, 1009),
    "fragments of nothing": (frame(1, b"{", final=False) + frame(0, b"", final=False) * 1024, 1009),
}


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize(("sent", "code"), RAW.values(), ids=RAW)
async def test_a_violation_of_websocket_itself_closes_it_at_once_by_its_own_codes(
    lively: Server, quiet: Callable[[], None], sent: bytes, code: int
) -> None:
    async def violate() -> int:
        async with opened(lively) as client:
            client.raw.transport.write(sent)
            return (await client.closed())[0]

    assert await promptly(violate) == code
    quiet()
    assert await still_serves(lively)


async def test_who_does_not_begin_in_time_is_sent_away(lively: Server, quiet: Callable[[], None]) -> None:
    async with socket_to(lively) as client:
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}
        async with no_hang():
            assert await client.closed() == (4408, "connection_init was not sent in time")
    quiet()


async def test_a_client_that_goes_without_a_word_leaves_nothing_behind(
    lively: Server, quiet: Callable[[], None]
) -> None:
    before = len(asyncio.all_tasks())
    async with opened(lively) as client:
        await client.subscribe(FOREVER["query"])
        await client.hear()
        client.raw.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= before)
    quiet()


async def still_serves(server: Server) -> bool:
    async with opened(server) as client:
        answered: list[Any] = await client.answers("{ hello }")
        return answered[0]["payload"] == {"data": {"hello": "world"}}
