"""The engine for Varnish: what it sends over its connection, and what confirms a purge."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.cdn import CdnUnavailable, open_cdn
from adapters.cdn.varnish import MAX_TAG_BYTES, VarnishCdn
from tests.support.timing import MOMENT

OK = b"HTTP/1.1 200 OK\r\nX-Purged: 1\r\nContent-Length: 6\r\n\r\nHTTP/1"
TAGS = [f"Post:{number:012}" for number in range(600)]
"""Tags of 17 bytes: three requests."""


class Peer:
    """Records what it receives, and sends one of `answers` after each request."""

    def __init__(self) -> None:
        self.url = ""
        self.connections: list[list[bytes]] = []
        self.answers: list[bytes] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads: list[bytes] = []
        self.connections.append(heads)
        try:
            while True:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.answers.pop(0) if self.answers else OK)
        except (EOFError, ConnectionError):
            writer.close()


@pytest.fixture
async def peer() -> AsyncGenerator[Peer]:
    made = Peer()
    async with await asyncio.start_server(made.handle, "127.0.0.1", 0) as server:
        made.url = f"varnish://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


def opened(peer: Peer, token: str = "") -> VarnishCdn:
    cdn = open_cdn(peer.url, token)
    assert isinstance(cdn, VarnishCdn)
    return cdn


async def test_a_purge_is_a_request_with_tags_and_token(peer: Peer) -> None:
    await opened(peer, "hunter2").purge(["Post:1", "User:2.posts"])
    host = peer.url.partition("://")[2]
    head = (
        f"PURGE / HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer hunter2\r\nxkey-purge: Post:1 User:2.posts\r\n\r\n"
    )
    assert peer.connections == [[head.encode()]]


async def test_many_tags_are_sent_in_several_requests_over_one_connection(peer: Peer) -> None:
    peer.answers = [b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"HTTP/1.1 204 No Content\r\n\r\n"]
    long = "User:" + "1" * MAX_TAG_BYTES
    await opened(peer).purge([*TAGS, long, "Post:1"])
    (heads,) = peer.connections
    lines = [head.partition(b"xkey-purge: ")[2].strip() for head in heads]
    assert b" ".join(lines).decode().split(" ") == [*TAGS, long, "Post:1"]
    assert [len(line) <= MAX_TAG_BYTES for line in lines] == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("answers", "cause", "sent"),
    [
        ([b"HTTP/1.1 403 Forbidden\r\n\r\n"], "status 403", 1),
        ([OK, b"HTTP/1.1 503 Busy\r\n\r\n"], "status 503", 2),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], "ValueError", 1),
        ([OK, OK, b"SSH-2.0\r\n" * 200], "ValueError", 3),
        ([OK, b""], "TimeoutError", 2),
    ],
)
async def test_each_request_has_to_be_confirmed(peer: Peer, answers: list[bytes], cause: str, sent: int) -> None:
    peer.answers = answers
    cdn = opened(peer)
    if b"" in answers:
        cdn._connection._deadline = MOMENT
    with pytest.raises(CdnUnavailable, match=f"^{cause}$"):
        await cdn.purge(TAGS)
    assert [len(heads) for heads in peer.connections] == [sent]


@pytest.mark.parametrize("tag", ["Post:1 Post:2", "Post:1\r\nX: y", "", "Pöst:1"])
async def test_a_tag_that_would_change_the_header_is_not_sent(peer: Peer, tag: str) -> None:
    with pytest.raises(CdnUnavailable, match=r"^a tag cannot be in a header$"):
        await opened(peer).purge(["Post:1", tag])
    assert peer.connections == []
