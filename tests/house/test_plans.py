"""PostgreSQL's plans for every query of the apps and of workers, on a world large enough for a planner to care.

`make plans` does the same with 20,000 people and says how long each query takes.
"""

import json
import os
import re
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, cast

import pytest
from httpx2 import ASGITransport, AsyncClient

from adapters.database import Queries
from gateway.app import create_app
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from tests.feed.test_reads import READS, ids
from tests.support.background import SMALL, fill, work_through
from tests.support.client import HOME, Client, operation
from tests.support.engines import PostgresEngine, reachable_postgres
from tests.support.kept import TABLES
from tests.support.statements import recorded_with_values
from tests.support.timing import settings_for, unit

PEOPLE = int(os.environ.get("PLANS_PEOPLE", "2000"))
ROUNDS = int(os.environ.get("PLANS_ROUNDS", "3"))
BIG = 10_000
"""Rows from which on reading a whole table is a fault; a smaller one may be the cheapest to read so."""

LARGER = 50
"""The cost of sequential pages for PostgreSQL's planner, so that it plans as for a million rows."""

pytestmark = [
    pytest.mark.skipif(not reachable_postgres(), reason="plans are PostgreSQL's, and it was not reached"),
    pytest.mark.xdist_group("plans"),
]


@pytest.fixture(scope="module")
async def city() -> AsyncGenerator[Client]:
    """Provides the product with `PEOPLE` seeded users."""
    engine = PostgresEngine(f"bff_plans_{os.getpid()}")
    async with engine.empty() as url:
        app = create_app(settings_for(url))
        async with app.router.lifespan_context(app):
            resources = app.state.resources
            await migrate(resources.database, lambda _name: None)
            await seed(resources, 1, people=PEOPLE)
            async with AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http:
                yield Client(http, resources)


def scans(plan: dict[str, Any], first: Mapping[str, str], *, limited: bool = False) -> Iterator[str]:
    """Tables that a plan reads from end to end, by themselves or by an index; not those of which it takes some rows.

    `first` has the first column of each index but the partial ones. A condition that leaves it out reads the whole
    index. Of a partial index all is wanted.
    """
    kind, taken = plan["Node Type"], limited and "Filter" not in plan
    by_index = first.get(plan.get("Index Name", ""), "") not in plan.get("Index Cond", "")
    if (kind == "Seq Scan" or by_index) and not taken:
        yield plan["Relation Name"]
    for child in plan.get("Plans", []):
        yield from scans(child, first, limited=kind == "Limit" or (limited and kind == "Incremental Sort"))


async def first_columns(client: Client) -> dict[str, str]:
    rows = await client.resources.database.fetch(
        "SELECT c.relname, pg_get_indexdef(c.oid, 1, true) AS first FROM pg_class c JOIN pg_index i "
        "ON i.indexrelid = c.oid WHERE i.indpred IS NULL"
    )
    return {row["relname"]: row["first"] for row in rows}


async def explained(queries: Queries, sql: str, values: Any) -> dict[str, Any]:
    rows: list[Any] = await queries.client.execute_query_dict(f"EXPLAIN (FORMAT JSON) {sql}", values)
    (plan,) = cast(list[dict[str, Any]], json.loads(rows[0]["QUERY PLAN"]))
    return plan["Plan"]


async def table_sizes(client: Client) -> dict[str, int]:
    rows = await client.resources.database.fetch("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
    return {row["relname"]: int(row["reltuples"]) for row in rows}


async def asked(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Returns the name, document and variables of every query."""
    known = await ids(client)
    queries: list[tuple[str, str, dict[str, Any]]] = [("Home", HOME, {})]
    for read in READS:
        variables = {name: known.get(str(value), value) for name, value in read.variables.items()}
        queries.append((read.name, operation(read.file, read.name), variables))
    return queries


async def test_no_query_of_the_apps_reads_a_big_table_from_end_to_end(city: Client) -> None:
    token, sizes, first = await city.token("ana"), await table_sizes(city), await first_columns(city)
    assert sizes["posts"] > BIG
    found: list[str] = []
    for name, query, variables in await asked(city):
        with recorded_with_values() as made:
            answer = (await city.post(query, variables, token=token)).json()
        assert "errors" not in answer, answer
        assert made
        for sql, values in made:
            plan = await explained(city.resources.database, sql, values)
            found += [f"{name}: {table}: {sql}" for table in scans(plan, first) if sizes[table] > BIG]
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


async def test_no_statement_of_a_worker_reads_a_big_table_from_end_to_end(city: Client) -> None:
    """Runs last, since it erases a user."""
    resources = city.resources
    (post,) = await resources.database.fetch("SELECT author_id, id FROM posts WHERE deleted_at IS NULL LIMIT 1")
    (other,) = await resources.database.fetch("SELECT id FROM users WHERE id <> $1 LIMIT 1", post["author_id"])
    await fill(resources.database)
    sizes, first = await table_sizes(city), await first_columns(city)
    assert [table for table, rows in sizes.items() if rows <= BIG and table in TABLES and table not in SMALL] == []
    with recorded_with_values() as made:
        await work_through(resources, post["author_id"], other["id"], post["id"])
    written = {word for sql, _ in made for word in re.findall(r"DELETE FROM (\w+)", sql)}
    assert written > {"event_log", "stream_entries", "idempotency_keys", "refresh_families", "posts", "data_exports"}
    found: list[str] = []
    async with resources.database.transaction() as transaction:
        await transaction.fetch(f"SET LOCAL seq_page_cost = {LARGER}")
        for sql, values in {sql: (sql, values) for sql, values in made}.values():
            plan = await explained(transaction, sql, values)
            found += [f"{table}: {sql}" for table in scans(plan, first) if sizes[table] > BIG]
    assert "\n".join(found) == ""
