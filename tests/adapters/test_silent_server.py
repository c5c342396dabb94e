"""A PostgreSQL server that accepts connections and does not answer."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import pytest

from core.errors import Unavailable
from core.settings import Settings
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work
from tests.chaos.proxy import Proxy
from tests.support.engines import Engine
from tests.support.timing import HANG_SECONDS, no_hang


@pytest.fixture
async def proxy(engine: Engine, database_url: str) -> AsyncGenerator[Proxy]:
    if engine.name != "postgres":
        pytest.skip("SQLite is no server")
    url = urlsplit(database_url)
    async with Proxy(url.hostname or "", url.port or 5432).running() as made:
        yield made


@pytest.fixture
async def resources(proxy: Proxy, database_url: str) -> AsyncGenerator[Resources]:
    url = urlsplit(database_url)._replace(netloc=f"postgres@127.0.0.1:{proxy.port}").geturl()
    settings = Settings(database_url=url, database_deadline=0.5, work_deadline=1.0, database_pool=1)
    async with open_resources(settings) as made:
        yield made
        proxy.talk()


async def work(resources: Resources, proxy: Proxy) -> None:
    async with unit_of_work(resources) as work:
        transaction = await work.transaction()
        await transaction.fetch("SELECT 1 AS one")
        proxy.silence()
        await transaction.fetch("SELECT 1 AS one")


async def test_a_unit_of_work_ends_when_its_server_goes_silent(resources: Resources, proxy: Proxy) -> None:
    async with no_hang():
        with pytest.raises(Unavailable):
            await work(resources, proxy)
    proxy.talk()
    async with no_hang():
        assert await resources.database.fetch("SELECT 2 AS two") == [{"two": 2}]


async def test_a_transaction_that_is_cancelled_while_its_server_is_silent_ends(
    resources: Resources, proxy: Proxy
) -> None:
    task = asyncio.create_task(work(resources, proxy))
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.wait([task], timeout=HANG_SECONDS)
    assert task.cancelled()
    proxy.talk()
    async with no_hang():
        assert await resources.database.fetch("SELECT 2 AS two") == [{"two": 2}]
