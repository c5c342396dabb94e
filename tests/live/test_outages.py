"""Events are delivered with their rows, or later."""

import asyncio

import pytest

from core.errors import Unavailable
from gateway.live import deliveries
from loaders import LOADERS
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.timing import no_hang, until


@pytest.mark.parametrize("loader", ["post_by_id", "blocks_by_owner"])
async def test_while_rows_cannot_be_read_their_events_wait(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch, loader: str
) -> None:
    read, failures = LOADERS[loader], [Unavailable("gone"), Unavailable("gone")]

    async def failing(*arguments: object) -> object:
        if failures:
            raise failures.pop()
        return await read(*arguments)  # type: ignore[arg-type]

    async with following.viewer("ana") as ana, following.viewer("ana") as phone:
        monkeypatch.setattr(deliveries, "_RETRY_SECONDS", 0.01)
        monkeypatch.setitem(LOADERS, loader, failing)
        await App(client, "ben").publishes("1")
        await following.project()
        for follower in (ana, phone):
            assert (await follower.event())["post"]["body"] == "1"
    assert failures == []


async def test_a_subscription_that_ended_during_a_delivery_receives_nothing_of_it(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, begun, go_on = LOADERS["post_by_id"], asyncio.Event(), asyncio.Event()

    async def held(*arguments: object) -> object:
        begun.set()
        await go_on.wait()
        return await read(*arguments)  # type: ignore[arg-type]

    async with following.socket("ana") as socket:
        await following.follow_viewer(socket)
        monkeypatch.setitem(LOADERS, "post_by_id", held)
        await App(client, "ben").publishes("1")
        await following.project()
        async with no_hang():
            await begun.wait()
        await socket.say(type="complete", id="1")
        await until(lambda: not len(client.resources.streams))
        again = await following.follow_viewer(socket)
        go_on.set()
        await App(client, "ben").publishes("2")
        await following.project()
        assert (await again.event())["post"]["body"] == "2"
