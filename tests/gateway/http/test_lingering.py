"""A connection is not kept for a client that does not close it after the last answer."""

import asyncio

import pytest

from tests.support.server import Server
from tests.support.timing import no_hang


@pytest.mark.parametrize("piece", [b"x", b"x" * 65_536], ids=["slowly", "without an end"])
async def test_a_client_that_goes_on_sending_is_disconnected(lively: Server, piece: bytes) -> None:
    host, _, port = lively.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x00")
    async with no_hang():
        assert (await reader.read()).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        with pytest.raises(ConnectionError):
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.02)
