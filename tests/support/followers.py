"""Follows the product's event streams over WebSockets, and projects events."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from services.relay import Relay
from tests.support.client import Client, operation
from tests.support.relay import drained
from tests.support.server import Server
from tests.support.sockets import SocketClient, opened
from tests.support.timing import no_hang, until

VIEWER_EVENTS = operation("live.graphql", "ViewerEvents")
POST_EVENTS = operation("live.graphql", "PostEvents")
SYNC = operation("live.graphql", "Sync")


class Subscribed:
    """One subscription of a WebSocket."""

    def __init__(self, socket: SocketClient, subscription_id: str, field: str) -> None:
        self.socket = socket
        self.id = subscription_id
        self._field = field
        self.cursor: str | None = None
        """The cursor of the last event."""

    async def message(self) -> Any:
        """Returns the next message of the WebSocket."""
        async with no_hang():
            heard = await self.socket.hear()
        assert heard["id"] == self.id, heard
        return heard

    async def payload(self) -> Any:
        """Returns the next payload."""
        heard = await self.message()
        assert heard["type"] == "next", heard
        assert "errors" not in heard["payload"], heard
        payload = heard["payload"]["data"][self._field]
        self.cursor = payload["cursor"]
        return payload

    async def event(self) -> Any:
        """Returns the next event."""
        return (await self.payload())["event"]

    async def events(self, count: int) -> list[Any]:
        return [await self.event() for _ in range(count)]


class Following:
    """Opens WebSockets of the demo users."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        self.client = client

    @asynccontextmanager
    async def socket(self, handle: str) -> AsyncGenerator[SocketClient]:
        async with opened(self.server, authorization=f"Bearer {await self.client.token(handle)}") as socket:
            yield socket

    @asynccontextmanager
    async def viewer(self, handle: str, after: str | None = None) -> AsyncGenerator[Subscribed]:
        """Follows the events of a user. The server follows them when the block begins."""
        async with self.socket(handle) as socket:
            yield await self.follow_viewer(socket, after)

    @asynccontextmanager
    async def post(self, handle: str, post_id: str, after: str | None = None) -> AsyncGenerator[Subscribed]:
        """Follows the events of a post."""
        async with self.socket(handle) as socket:
            yield await self.follow_post(socket, post_id, after)

    async def follow_viewer(
        self, socket: SocketClient, after: str | None = None, subscription_id: str = "1"
    ) -> Subscribed:
        await self.subscribe(socket, VIEWER_EVENTS, {"after": after}, subscription_id)
        return Subscribed(socket, subscription_id, "viewerEvents")

    async def follow_post(
        self, socket: SocketClient, post_id: str, after: str | None = None, subscription_id: str = "1"
    ) -> Subscribed:
        await self.subscribe(socket, POST_EVENTS, {"postId": post_id, "after": after}, subscription_id)
        return Subscribed(socket, subscription_id, "postEvents")

    async def project(self) -> None:
        """Projects all events, like a worker."""
        await drained(self.server.resources, Relay(self.server.resources))

    async def subscribe(self, socket: SocketClient, query: str, variables: Any, subscription_id: str = "1") -> None:
        """Sends a subscription, and waits until the server follows its streams and has sent what was missed."""
        streams = self.server.resources.streams
        before = streams.idle
        await socket.subscribe(query, subscription_id, variables=variables)
        await until(lambda: streams.idle > before)
