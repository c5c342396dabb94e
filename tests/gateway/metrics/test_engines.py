"""Metrics of the pool of connections, of Redis and of threads."""

import asyncio
from dataclasses import replace

from adapters.database import Database, open_database
from adapters.rate_limits import RateLimit
from core.settings import Settings
from gateway.metrics.engines import PoolMetrics
from gateway.metrics.exposition import join_families, write_collectors
from models import MODULES
from tests.support.engines import Engine
from tests.support.metrics import measured, page, serving
from tests.support.timing import PASSING, until


async def pool_metrics(database: Database) -> dict[str, float]:
    return measured(join_families([await write_collectors([PoolMetrics(database)])]))


async def test_the_pool_shows_connections_in_use_and_callers_that_wait(settings: Settings, engine: Engine) -> None:
    database = await open_database(replace(settings, database_pool=3), MODULES)
    try:
        pool = database.pool_state()
        if pool is None:
            assert (engine.name, await pool_metrics(database)) == ("sqlite", {})
            return
        async with database.transaction(), database.transaction():
            samples = await pool_metrics(database)
            assert [samples[f"bff_pool_{name}"] for name in ("size", "in_use", "waiting")] == [3, 2, 0]
            async with database.transaction():
                waiting = asyncio.create_task(database.fetch("SELECT 1 AS one"))
                await until(lambda: pool.waiting == 1)
                samples = await pool_metrics(database)
                assert [samples[f"bff_pool_{name}"] for name in ("size", "in_use", "waiting")] == [3, 3, 1]
            await waiting
        samples = await pool_metrics(database)
        assert [samples[f"bff_pool_{name}"] for name in ("in_use", "waiting", "wait_seconds_count")] == [0, 0, 1]
    finally:
        await database.close()


async def test_failures_of_redis_count_by_engine(settings: Settings) -> None:
    away = replace(settings, limits_url="redis://127.0.0.1:1/0", limits_deadline=PASSING)
    async with serving(away) as client:
        name = 'bff_redis_failures_total{engine="limits"}'
        assert (await page(client))[name] == 0
        assert (await client.resources.rate_limiter.take([("a key", RateLimit(1, 60))])).admitted
        assert (await page(client))[name] == 1


async def test_failures_of_quotas_count_as_those_of_limits(settings: Settings) -> None:
    away = replace(settings, rates="on", limits_url="redis://127.0.0.1:1/0", limits_deadline=PASSING)
    async with serving(away) as client:
        await client.post("{ __typename }")
        assert (await page(client))['bff_redis_failures_total{engine="limits"}'] >= 1


async def test_passwords_that_wait_for_a_thread_count(settings: Settings) -> None:
    async with serving(replace(settings, password_threads=1)) as client:
        passwords = client.resources.passwords
        hashing = [asyncio.create_task(passwords.hash("open-sesame")) for _ in range(4)]
        await asyncio.sleep(0)
        assert passwords.waiting == 3
        await asyncio.gather(*hashing)
        assert (await page(client))['bff_threads_waiting{work="passwords"}'] == 0
