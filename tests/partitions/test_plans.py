"""Plans of statements on partitioned tables, compared with those of the same rows in one table.

Times differ from machine to machine, so the pages that statements read are compared, with plans for their values and
with plans that are kept. `make bench-partitions` measures times.
"""

import json
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from bench.partitions.statements import Statement, statements_of
from bench.partitions.world import PARTS, Pair, fill
from services.maintenance.migrations import migrate
from services.resources import Resources, open_resources
from tests.support.engines import PostgresEngine, reachable_postgres
from tests.support.partitions import counts
from tests.support.timing import settings_for

RATIO = 1.3
BIG = 1000
"""Rows that a sequential scan may read in vain."""

pytestmark = [
    pytest.mark.skipif(not reachable_postgres(), reason="plans are PostgreSQL's, and it was not reached"),
    pytest.mark.xdist_group("partition plans"),
]
Plan = dict[str, Any]


@pytest.fixture(scope="module")
async def pair() -> AsyncGenerator[Pair]:
    engine = PostgresEngine(f"bff_partition_plans_{os.getpid()}")
    async with AsyncExitStack() as stack:
        opened: list[Resources] = []
        for _ in range(2):
            url = await stack.enter_async_context(engine.empty())
            opened.append(await stack.enter_async_context(open_resources(settings_for(url))))
            await migrate(opened[-1].database, lambda _name: None)
        yield await fill(*opened, events=200_000, uses_a_day=100)


def literal(value: Any) -> str:
    """Returns a value as text of SQL without a type."""
    if isinstance(value, list):
        values: list[Any] = value
        return "'{" + ",".join(json.dumps(str(each)) for each in values) + "}'"
    return "'" + (value.isoformat() if isinstance(value, date | datetime) else str(value)) + "'"


async def explained(resources: Resources, statement: Statement, mode: str) -> Plan:
    """Executes a statement the third time with its plan, and returns the plan. It changes nothing."""
    connect: Any = asyncpg.connect
    connection = await connect(resources.settings.database_url)
    try:
        await connection.execute(f"SET plan_cache_mode = {mode}")
        await connection.execute(f"PREPARE s AS {statement.sql}")
        values = ", ".join(map(literal, statement.values))
        call = f"EXECUTE s({values})" if values else "EXECUTE s"
        for _ in range(2):
            await connection.execute(f"BEGIN; EXPLAIN (ANALYZE) {call}; ROLLBACK")
        await connection.execute("BEGIN")
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {call}")
        plans: list[dict[str, Plan]] = json.loads(text)
        return plans[0]["Plan"]
    finally:
        await connection.close()


def pages(plan: Plan) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def scanned(plan: Plan) -> list[str]:
    """Returns the tables of which a plan has read many rows sequentially, and has not used most of them."""
    found: list[str] = []
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"]:
            unused, used = node.get("Rows Removed by Filter", 0), node["Actual Rows"]
            found += [node["Relation Name"]] if unused > max(BIG, used) else []
    return found


async def test_the_rows_are_in_several_partitions(pair: Pair) -> None:
    found = await counts(pair.partitioned)
    assert sum(rows > 1000 for rows in found.values()) == PARTS
    assert sum(found.values()) == pair.events


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_statements_read_hardly_more_pages_than_without_partitions(pair: Pair, mode: str) -> None:
    compared: dict[str, tuple[int, int]] = {}
    for statement in await statements_of(pair):
        plain = await explained(pair.plain, statement, mode)
        partitioned = await explained(pair.partitioned, statement, mode)
        compared[statement.name] = (pages(plain), pages(partitioned))
        assert scanned(partitioned) == [], (statement.name, partitioned)
    assert len(compared) > 10
    assert {name: both for name, both in compared.items() if both[1] > RATIO * both[0]} == {}
