"""Tests that usage counts of processes are stored by day, added up, and deleted."""

import asyncio
from datetime import timedelta

import pytest

from core.settings import Settings
from services.resources import Resources
from services.usage import store_counts
from tests.support.client import Client
from tests.support.documents import send, serving
from tests.support.jobs import enqueued, rows, run_all
from tests.support.timing import no_hang, settings_for
from tests.support.usage import days, keep_now, kept
from workers.handlers import HANDLERS

VIEWER = "query Viewer { viewer { id } }"


async def ask(client: Client, times: int, query: str = VIEWER) -> None:
    for _ in range(times):
        await send(client, {"query": query}, **{"graphql-client-name": "ios", "graphql-client-version": "4.2.0"})


async def uses(resources: Resources) -> list[int]:
    return [row.uses for row in await kept(resources)]


async def test_processes_add_up_and_keep_what_they_counted_when_they_stop(settings: Settings) -> None:
    async with serving(settings) as one:
        async with serving(settings) as other:
            for client, times in ((one, 3), (other, 4)):
                await ask(client, times)
            await asyncio.gather(*(keep_now(client.resources) for client in (one, other)))
            assert await uses(one.resources) == [7]
            await ask(one, 2)
            await ask(other, 5)
        assert await uses(one.resources) == [12]
    async with serving(settings) as client:
        assert await uses(client.resources) == [14]
        assert await days(client.resources) == [0]


async def test_it_is_kept_by_itself_now_and_then(settings: Settings) -> None:
    chosen = settings_for(settings.database_url, usage_seconds=0.05)
    async with serving(chosen) as client:
        await ask(client, 3)
        async with no_hang():
            while await uses(client.resources) != [3]:  # noqa: ASYNC110 - a table is watched
                await asyncio.sleep(0.02)


async def test_what_cannot_be_kept_is_counted_still(client: Client) -> None:
    resources = client.resources
    await ask(client, 3)
    await resources.database.fetch("ALTER TABLE usage_counts RENAME TO elsewhere")
    with pytest.raises(Exception, match="usage_counts"):
        await keep_now(resources)
    assert await days(resources) == []
    assert await rows(resources, "usage_shapes") == []
    await ask(client, 2)
    await resources.database.fetch("ALTER TABLE elsewhere RENAME TO usage_counts")
    await keep_now(resources)
    await keep_now(resources)
    assert await uses(resources) == [5]


async def test_each_day_has_its_counts_and_the_last_day_of_a_shape_is_known(
    resources: Resources, client: Client
) -> None:
    today = resources.clock().date()
    for day, times in ((0, 2), (1, 3)):
        await ask(client, times)
        await store_counts(resources.database, resources.usage, today + timedelta(day))
    counts = sorted((row["seen_on"], row["uses"]) for row in await rows(resources, "usage_counts"))
    assert counts == [(today, 2), (today + timedelta(1), 3)]
    (shape,) = await rows(resources, "usage_shapes")
    assert (shape["coordinates"], shape["last_seen_on"]) == ("Query.viewer Viewer.id", today + timedelta(1))
    assert await days(resources) == [0, 0]


async def test_what_is_old_is_forgotten(resources: Resources, client: Client) -> None:
    today = resources.clock().date()
    for ago, query in ((181, VIEWER), (180, "{ viewer { user { id } } }")):
        await ask(client, 1, query)
        await store_counts(resources.database, resources.usage, today - timedelta(ago))
    await enqueued(resources, 1, handler="forget_old")
    await run_all(resources, HANDLERS)
    assert [row.fields for row in await kept(resources)] == ["Query.viewer User.id Viewer.user"]
    assert len(await rows(resources, "usage_shapes")) == 1
    assert await days(resources) == [0]
