"""Pipelines over networks that cut, delay and hold back, and with servers that restart."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.database.pipelines import connection as connections
from adapters.database.pipelines import pipelines as made
from core.errors import Unavailable
from services.resources import Resources, open_resources
from tests.campaign.support.campaign import folder_of
from tests.chaos.proxy import Proxy
from tests.conftest import ENGINES
from tests.support.engines import Engine
from tests.support.postgres_server import PostgresServer
from tests.support.timing import DEADLINE, PASSING, no_hang, settings_for, until

ONE = "SELECT {} AS number"
LARGE = "SELECT repeat('x', 200000) AS text, {} AS number"
SLOW = "SELECT pg_sleep($1), 1 AS number"


@pytest.fixture
async def proxy(engine: Engine, database_url: str) -> AsyncGenerator[Proxy]:
    if engine.name != "postgres":
        pytest.skip("SQLite is no server")
    url = urlsplit(database_url)
    async with Proxy(url.hostname or "", url.port or 5432).running() as forwarding:
        yield forwarding


def through(proxy: Proxy, database_url: str) -> str:
    return urlsplit(database_url)._replace(netloc=f"postgres@127.0.0.1:{proxy.port}").geturl()


@pytest.fixture
async def resources(proxy: Proxy, database_url: str) -> AsyncGenerator[Resources]:
    settings = settings_for(through(proxy, database_url), database_pool=3)
    async with open_resources(settings) as opened:
        yield opened
        proxy.talk()


@pytest.fixture
async def hasty(proxy: Proxy, database_url: str) -> AsyncGenerator[Resources]:
    """Has a deadline that passes."""
    settings = settings_for(through(proxy, database_url), database_pool=3, database_deadline=PASSING)
    async with open_resources(settings) as opened:
        yield opened
        proxy.talk()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements share pipelines, however long they take."""
    monkeypatch.setattr(made, "BUDGET_SECONDS", DEADLINE)
    monkeypatch.setattr(made, "MAX_FIRST_SECONDS", DEADLINE)
    monkeypatch.setattr(connections, "MAX_FIRST_SECONDS", DEADLINE)


def pool_of(resources: Resources) -> Any:
    client: Any = resources.database.client
    return client.connection_pool


async def known(resources: Resources, *statements: str) -> None:
    for sql in statements:
        await resources.database.fetch(sql)


async def pipeline(resources: Resources, *statements: str) -> list[Any]:
    """Runs statements at once, and returns the numbers or the errors."""
    results = await asyncio.gather(*(resources.database.fetch(sql) for sql in statements), return_exceptions=True)
    return [result[0]["number"] if isinstance(result, list) else type(result) for result in results]


async def works(resources: Resources) -> None:
    """Asserts that statements run again, and that no connection is lost."""
    async with no_hang():
        while True:
            if await pipeline(resources, *(ONE.format(number) for number in range(5))) == [0, 1, 2, 3, 4]:
                break
        while True:
            with suppress(Unavailable):
                async with resources.database.transaction() as transaction:
                    assert await transaction.fetch("SELECT 2 AS two") == [{"two": 2}]
                break
    await until(lambda: pool_of(resources).in_use == 0)


async def test_a_cut_in_the_middle_of_a_pipeline_fails_what_has_no_result(resources: Resources, proxy: Proxy) -> None:
    statements = [ONE.format(0), "SELECT 1 AS number, pg_sleep(0.3)", ONE.format(2)]
    await known(resources, *statements)
    running = asyncio.create_task(pipeline(resources, *statements))
    await until(lambda: pool_of(resources).in_use == 1)
    await asyncio.sleep(0.1)
    proxy.cut()
    async with no_hang():
        assert await running == [0, Unavailable, Unavailable]
    await works(resources)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.15, 0.3])
async def test_a_cut_while_an_answer_is_read(resources: Resources, proxy: Proxy, seconds: float) -> None:
    """The answers take about a second, in many parts."""
    statements = [LARGE.format(number) for number in range(4)]
    await known(resources, *statements)
    proxy.bandwidth = 800_000
    running = asyncio.create_task(pipeline(resources, *statements))
    await until(lambda: pool_of(resources).in_use == 1)
    await asyncio.sleep(seconds)
    proxy.cut()
    async with no_hang():
        results = await running
    assert all(result in {number, Unavailable} for number, result in enumerate(results))
    assert results[-1] is Unavailable
    proxy.bandwidth = 0
    await works(resources)


async def test_answers_in_small_parts_are_put_together(resources: Resources, proxy: Proxy) -> None:
    statements = [LARGE.format(number) for number in range(4)]
    await known(resources, *statements)
    proxy.bandwidth = 2_000_000
    proxy.delay = 0.001
    async with no_hang():
        assert await pipeline(resources, *statements) == [0, 1, 2, 3]


async def test_large_values_are_sent_while_answers_arrive(resources: Resources, proxy: Proxy) -> None:
    """Neither buffer of the connection is large enough for all of it."""
    sql, value = "SELECT $1::text AS text", "x" * 1_000_000
    await resources.database.fetch(sql, value)
    proxy.bandwidth = 50_000_000
    async with no_hang():
        results = await asyncio.gather(*(resources.database.fetch(sql, value) for _ in range(8)))
    assert all(rows == [{"text": value}] for rows in results)


async def test_a_silent_server_is_unavailable_at_the_deadline_and_then_works_again(
    hasty: Resources, proxy: Proxy
) -> None:
    statements = [ONE.format(number) for number in range(5)]
    await known(hasty, *statements)
    proxy.silence()
    async with no_hang():
        assert await pipeline(hasty, *statements) == [Unavailable] * 5
        proxy.talk()
    await works(hasty)


async def test_connections_that_are_stranded_are_replaced(hasty: Resources, proxy: Proxy) -> None:
    """Their packets are lost, and new connections work."""
    statements = [ONE.format(number) for number in range(5)]
    await known(hasty, *statements)
    proxy.strand()
    async with no_hang():
        assert await pipeline(hasty, *statements) == [Unavailable] * 5
    await works(hasty)


async def test_requests_that_leave_in_the_middle_of_a_pipeline_leave_the_others(
    resources: Resources, proxy: Proxy
) -> None:
    statements = [ONE.format(number) for number in range(8)]
    await known(resources, *statements)
    proxy.delay = 0.05
    tasks = [asyncio.create_task(resources.database.fetch(sql)) for sql in statements]
    await until(lambda: pool_of(resources).in_use == 1)
    for task in tasks[::2]:
        task.cancel()
    async with no_hang():
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [[{"number": number}] for number in (1, 3, 5, 7)]
    assert {type(result) for result in results[::2]} == {asyncio.CancelledError}
    await works(resources)


async def test_a_server_that_refuses_connections_is_unavailable_until_it_does_not(
    resources: Resources, proxy: Proxy
) -> None:
    proxy.refuses = True
    proxy.cut()
    async with no_hang():
        assert await pipeline(resources, ONE.format(1), ONE.format(2)) == [Unavailable] * 2
    proxy.refuses = False
    await works(resources)


async def test_a_session_that_the_server_ends_fails_what_has_no_result(resources: Resources) -> None:
    end = "SELECT 1 AS number, pg_terminate_backend(pg_backend_pid())"
    statements = [ONE.format(0), end, ONE.format(2)]
    await known(resources, statements[0], statements[2])
    assert await pipeline(resources, end) == [Unavailable]
    for known_statement in pool_of(resources).pipelines._known._known.values():
        known_statement.seconds = 0.0
    async with no_hang():
        assert await pipeline(resources, *statements) == [0, Unavailable, Unavailable]
    await works(resources)


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("how", ["kill", "crash"])
async def test_a_server_that_restarts_loses_what_ran_and_is_used_again(how: str) -> None:
    async with folder_of("pipelines") as folder:
        server = PostgresServer(folder)
        server.create()
        server.use_settings({"fsync": "off"})
        await server.start()
        async with open_resources(settings_for(server.url, database_pool=2)) as resources:
            statements = [ONE.format(0), "SELECT 1 AS number, pg_sleep(60)", ONE.format(2)]
            await known(resources, statements[0], statements[2])
            running = [asyncio.create_task(pipeline(resources, sql)) for sql in statements]
            await until(running[2].done)
            await getattr(server, how)()
            async with no_hang():
                assert [await task for task in running] == [[0], [Unavailable], [2]]
                assert await pipeline(resources, ONE.format(0)) == [Unavailable]
            await server.start()
            await works(resources)
        await server.stop()
