"""PostgreSQL's plans for every query of the apps, on a world large enough for a planner to care.

`make plans` does the same with 20,000 people and says how long each query takes.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from typing import Any, cast

import pytest
from httpx2 import ASGITransport, AsyncClient

from gateway.app import create_app
from services.migrations import migrate
from services.seed import seed
from tests.feed.test_reads import READS, ids
from tests.support.client import HOME, Client, operation
from tests.support.engines import PostgresEngine, reachable_postgres
from tests.support.statements import recorded_with_values
from tests.support.timing import settings_for, unit

PEOPLE = int(os.environ.get("PLANS_PEOPLE", "2000"))
ROUNDS = int(os.environ.get("PLANS_ROUNDS", "3"))
BIG = 10_000
"""Rows from which on reading a whole table is a fault; a smaller one may be the cheapest to read so."""

pytestmark = [
    pytest.mark.skipif(not reachable_postgres(), reason="plans are PostgreSQL's, and it was not reached"),
    pytest.mark.xdist_group("plans"),
]


@pytest.fixture(scope="module")
async def city() -> AsyncGenerator[Client]:
    """The product on a seeded world of `PEOPLE`."""
    engine = PostgresEngine(f"bff_plans_{os.getpid()}")
    async with engine.empty() as url:
        app = create_app(settings_for(url))
        async with app.router.lifespan_context(app):
            resources = app.state.resources
            await migrate(resources.database, lambda _name: None)
            await seed(resources, 1, people=PEOPLE)
            async with AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http:
                yield Client(http, resources)


def scans(plan: dict[str, Any]) -> Iterator[str]:
    """Tables that a plan reads from end to end."""
    if plan["Node Type"] in ("Seq Scan", "Parallel Seq Scan"):
        yield plan["Relation Name"]
    for child in plan.get("Plans", []):
        yield from scans(child)


async def table_sizes(client: Client) -> dict[str, int]:
    rows = await client.resources.database.fetch("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
    return {row["relname"]: int(row["reltuples"]) for row in rows}


async def asked(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, document and variables of every query."""
    known = await ids(client)
    queries: list[tuple[str, str, dict[str, Any]]] = [("Home", HOME, {})]
    for read in READS:
        variables = {name: known.get(str(value), value) for name, value in read.variables.items()}
        queries.append((read.name, operation(read.file, read.name), variables))
    return queries


async def test_no_query_of_the_apps_reads_a_big_table_from_end_to_end(city: Client) -> None:
    token, sizes = await city.token("ana"), await table_sizes(city)
    assert sizes["posts"] > BIG
    found: list[str] = []
    for name, query, variables in await asked(city):
        with recorded_with_values() as made:
            answer = (await city.post(query, variables, token=token)).json()
        assert "errors" not in answer, answer
        assert made
        for sql, values in made:
            rows: list[Any] = await city.resources.database.client.execute_query_dict(
                f"EXPLAIN (FORMAT JSON) {sql}", values
            )
            (plan,) = cast(list[dict[str, Any]], json.loads(rows[0]["QUERY PLAN"]))
            found += [f"{name}: {table}: {sql}" for table in scans(plan["Plan"]) if sizes[table] > BIG]
    assert found == []


async def test_how_long_each_query_takes(city: Client) -> None:
    token = await city.token("ana")
    medians: dict[str, float] = {}
    for name, query, variables in await asked(city):
        seconds: list[float] = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            await city.post(query, variables, token=token)
            seconds.append(time.perf_counter() - started)
        medians[f"{name} {variables or ''}"] = statistics.median(seconds) * 1000
    for name, milliseconds in sorted(medians.items(), key=lambda each: -each[1]):
        sys.stderr.write(f"{milliseconds:8.2f} ms  {name}\n")
    assert max(medians.values()) < 500 * unit().clock * 1000
