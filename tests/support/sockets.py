"""Contains a WebSocket client that sends exactly the given messages."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.support.server import Server

TRANSPORT_WS = "graphql-transport-ws"


class SocketClient:
    """Speaks graphql-transport-ws, well or badly."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    async def say(self, **message: Any) -> None:
        await self.raw.send(json.dumps(message))

    async def hear(self) -> Any:
        heard = await self.raw.recv()
        assert isinstance(heard, str), "clients take no binary frames"
        return json.loads(heard)

    async def init(self, **payload: Any) -> None:
        await self.say(type="connection_init", **({"payload": payload} if payload else {}))
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, query: str, id: str = "1", **more: Any) -> None:  # noqa: A002 - the protocol's name
        await self.say(type="subscribe", id=id, payload={"query": query, **more})

    async def answers(self, query: str, **more: Any) -> list[Any]:
        """Returns the messages of one operation, including the last."""
        await self.subscribe(query, **more)
        heard = [await self.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await self.hear())
        return heard

    async def closed(self) -> tuple[int, str]:
        """Returns the close code and reason of the server, and skips messages before."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await self.raw.recv()
        assert closed.value.rcvd is not None, "the server went without a word"
        return closed.value.rcvd.code, closed.value.rcvd.reason


@asynccontextmanager
async def socket_to(
    server: Server, *, protocols: Sequence[str] = (TRANSPORT_WS,), origin: str | None = None, **more: Any
) -> AsyncGenerator[SocketClient]:
    offered = [Subprotocol(each) for each in protocols]
    async with connect(
        server.websocket_url,
        subprotocols=offered or None,
        origin=Origin(origin) if origin else None,
        compression=None,
        **more,
    ) as raw:
        yield SocketClient(raw)


@asynccontextmanager
async def opened(server: Server, **payload: Any) -> AsyncGenerator[SocketClient]:
    """Yields a socket after the acknowledgement."""
    async with socket_to(server) as client:
        await client.init(**payload)
        yield client
