"""An event with many subscribers whose results differ leaves database connections to requests."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from core.viewer import SignedIn
from gateway.live.deliveries import _CONCURRENT_READS
from loaders import LOADERS
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.sockets import SocketClient, opened

_LIKED = """subscription ($id: ID!) {
  postEvents(postId: $id) { event { ... on PostChanged { post { body likedByViewer } } } }
}"""
_VIEWERS = "SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = u.id) LIMIT $1"


async def test_few_viewers_are_read_for_at_the_same_time(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, running, most = LOADERS["liked_by_viewer"], 0, 0

    async def counted(*arguments: object) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            await asyncio.sleep(0)
            return await read(*arguments)  # type: ignore[arg-type]
        finally:
            running -= 1

    resources, ana, count = client.resources, App(client, "ana"), 2 * _CONCURRENT_READS
    post = await ana.publishes()
    async with AsyncExitStack() as sockets:
        viewers: list[SocketClient] = []
        for row in await resources.database.fetch(_VIEWERS, count):
            token, _ = resources.access_tokens.issue(SignedIn(row["id"], 1))
            socket = await sockets.enter_async_context(opened(following.server, authorization=f"Bearer {token}"))
            await following.subscribe(socket, _LIKED, {"id": post})
            viewers.append(socket)
        assert len(viewers) == count
        monkeypatch.setitem(LOADERS, "liked_by_viewer", counted)
        await ana.does("EditPost", postId=post, body="edited")
        await following.project()
        for socket in viewers:
            event = (await socket.hear())["payload"]["data"]["postEvents"]["event"]
            assert event == {"post": {"body": "edited", "likedByViewer": False}}
    assert 1 < most <= _CONCURRENT_READS
