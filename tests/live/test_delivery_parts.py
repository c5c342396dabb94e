"""Deliveries are executed in parts, few at the same time, and those that wait meanwhile share the next part."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from gateway.live import deliveries
from loaders import LOADERS
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.timing import MOMENT, no_hang


async def test_deliveries_that_wait_for_a_part_are_read_together(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads, begun, go_on = LOADERS["post_by_id"], list[int](), asyncio.Event(), asyncio.Event()

    async def held(database: object, viewer: object, keys: list[object]) -> object:
        reads.append(len(keys))
        begun.set()
        await go_on.wait()
        return await read(database, viewer, keys)  # type: ignore[arg-type]

    monkeypatch.setattr(deliveries, "_CONCURRENT_PARTS", 1)
    ana = App(client, "ana")
    posts = [await ana.publishes() for _ in range(3)]
    await following.project()
    async with AsyncExitStack() as sockets:
        viewers = [await sockets.enter_async_context(following.post("ana", post)) for post in posts]
        monkeypatch.setitem(LOADERS, "post_by_id", held)
        for number, post in enumerate(posts):
            await ana.does("EditPost", postId=post, body=f"edited {number}")
            await following.project()
            async with no_hang():
                await begun.wait()
        await asyncio.sleep(MOMENT)
        assert reads == [1]
        go_on.set()
        for number, viewer in enumerate(viewers):
            assert (await viewer.event())["post"]["body"] == f"edited {number}"
    assert reads == [1, 2]
