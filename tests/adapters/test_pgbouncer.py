"""Statements outside of transactions work behind PgBouncer."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from core.errors import Unavailable
from services.resources import Resources, open_resources
from tests.campaign.support.campaign import folder_of
from tests.support.engines import Engine, PostgresEngine
from tests.support.pgbouncer import INSTALLED, pgbouncer
from tests.support.timing import PASSING, no_hang, settings_for

pytestmark = pytest.mark.skipif(not INSTALLED, reason="PgBouncer is not installed")


@pytest.fixture(params=["session", "transaction"])
async def bouncing(request: pytest.FixtureRequest, engine: Engine, database_url: str) -> AsyncGenerator[Resources]:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("PgBouncer serves PostgreSQL")
    async with folder_of("pgbouncer") as folder, pgbouncer(folder, database_url, request.param) as url:
        settings = settings_for(url, database_pool=4, database_deadline=PASSING, bus_url="memory://")
        async with open_resources(settings) as resources:
            yield resources


async def test_statements_of_many_callers_have_their_results(bouncing: Resources) -> None:
    """In transaction mode, statements meet servers that have not prepared them, and those that others have."""

    async def read(number: int) -> list[Any]:
        sql = f"SELECT $1::bigint AS number, {number % 7} AS kind, $2::text AS text"
        return await bouncing.database.fetch(sql, number, "x" * number)

    async with no_hang():
        for _ in range(3):
            results = await asyncio.gather(*(read(number) for number in range(100)))
            assert results == [[{"number": number, "kind": number % 7, "text": "x" * number}] for number in range(100)]


async def test_a_write_takes_effect_once(bouncing: Resources) -> None:
    await bouncing.database.fetch("CREATE TABLE things (id BIGINT)")
    insert = "INSERT INTO things VALUES ($1) RETURNING id"
    async with no_hang():
        await asyncio.gather(*(bouncing.database.fetch(insert, number) for number in range(50)))
    rows = await bouncing.database.fetch("SELECT id FROM things ORDER BY id")
    assert [row["id"] for row in rows] == list(range(50))


async def test_a_statement_beyond_its_deadline_is_cancelled_and_others_continue(bouncing: Resources) -> None:
    async with no_hang():
        with pytest.raises(Unavailable):
            await bouncing.database.fetch("SELECT pg_sleep(60)")
        results = await asyncio.gather(*(bouncing.database.fetch(f"SELECT {number} AS n") for number in range(20)))
        assert [row["n"] for (row,) in results] == list(range(20))
        sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
        while (await bouncing.database.fetch(sql))[0]["n"]:  # noqa: ASYNC110 - the server tells no event
            await asyncio.sleep(0.05)
