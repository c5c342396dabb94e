"""Statements of one turn of the event loop share a connection, and nothing else."""

import asyncio
import os
import socket
import struct
import sys
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

from adapters.database.pipelines import connection as connections
from adapters.database.pipelines import pipelines as made
from adapters.database.pipelines.connection import PipelineConnection
from adapters.database.pipelines.prepared import MAX_PREPARED
from core.errors import Unavailable
from core.settings import Settings
from services.resources import Resources, open_resources
from tests.support.engines import Engine, PostgresEngine
from tests.support.timing import DEADLINE, PASSING, no_hang, settings_for, until

PID = "SELECT pg_backend_pid() AS pid, {} AS number"
SLEEP = "SELECT pg_sleep($1) IS NULL AS slept"
LOCKED = "SELECT id FROM things WHERE id > $1"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, database_pool=4)


@pytest.fixture
def resources(postgres_resources: Resources) -> Resources:
    return postgres_resources


@pytest.fixture
async def other(resources: Resources) -> AsyncGenerator[Any]:
    connection = await asyncpg.connect(resources.settings.database_url)
    await connection.execute("CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT)")
    yield connection
    await connection.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts of each pipeline."""
    found: list[list[str]] = []
    original = PipelineConnection.send

    def send(self: PipelineConnection, statements: Any) -> None:
        found.append([statement.sql for statement in statements])
        original(self, statements)

    monkeypatch.setattr(PipelineConnection, "send", send)
    return found


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a short statement may take long. Statements share pipelines here, however long they take."""
    monkeypatch.setattr(made, "BUDGET_SECONDS", DEADLINE)
    monkeypatch.setattr(made, "MAX_FIRST_SECONDS", DEADLINE)
    monkeypatch.setattr(connections, "MAX_FIRST_SECONDS", DEADLINE)


async def known(resources: Resources, *statements: str) -> None:
    """Runs statements, so that their types and costs are known."""
    for sql in statements:
        await resources.database.fetch(sql)


def pool_of(resources: Resources) -> Any:
    client: Any = resources.database.client
    return client.connection_pool


@pytest.mark.usefixtures("patient")
async def test_statements_of_one_turn_share_a_connection(resources: Resources, sent: list[list[str]]) -> None:
    statements = [PID.format(number) for number in range(6)]
    await known(resources, *statements)
    sent.clear()
    rows = await asyncio.gather(*(resources.database.fetch(sql) for sql in statements))
    assert sent == [statements]
    assert [row["number"] for (row,) in rows] == list(range(6))
    assert len({row["pid"] for (row,) in rows}) == 1


def segments(descriptor: int) -> int:
    """Returns how many segments with data a socket has sent: `tcpi_data_segs_out` of `TCP_INFO`."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return struct.unpack_from("=I", copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160), 156)[0]


@pytest.mark.usefixtures("patient")
@pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO differs elsewhere")
async def test_a_pipeline_is_sent_in_one_write(resources: Resources) -> None:
    statements = [PID.format(number) for number in range(6)]
    await known(resources, *statements)
    connection = pool_of(resources).slots.pipelines.idle[-1]
    before = segments(connection.libpq.socket)
    await asyncio.gather(*(resources.database.fetch(sql) for sql in statements))
    assert pool_of(resources).slots.pipelines.idle[-1] is connection
    assert segments(connection.libpq.socket) == before + 1


@pytest.mark.usefixtures("patient")
async def test_a_statement_that_fails_does_not_affect_the_others(resources: Resources, sent: list[list[str]]) -> None:
    division = "SELECT 1 / $1::int AS v"
    await resources.database.fetch(division, 1)
    sent.clear()
    values: list[Any] = [2, 0, 1, "a", 1]
    results = await asyncio.gather(
        *(resources.database.fetch(division, value) for value in values), return_exceptions=True
    )
    assert sent == [[division] * 5]
    assert [type(result) for result in results] == [list, asyncpg.DivisionByZeroError, list, asyncpg.DataError, list]
    assert results[4] == [{"v": 1}]


@pytest.mark.usefixtures("patient")
async def test_a_request_that_leaves_does_not_affect_the_others(resources: Resources) -> None:
    statements = [PID.format(number) for number in range(6)]
    await known(resources, *statements)
    for turns in range(4):
        tasks = [asyncio.create_task(resources.database.fetch(sql)) for sql in statements]
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        others = [results[number] for number in (1, 2, 4, 5)]
        assert [rows[0]["number"] for rows in others if isinstance(rows, list)] == [1, 2, 4, 5]
    await until(lambda: pool_of(resources).in_use == 0)


async def test_statements_behind_one_that_hangs_run_elsewhere(resources: Resources, other: Any) -> None:
    statements = [PID.format(number) for number in range(4)]
    await resources.database.fetch(LOCKED, 0)
    await known(resources, *statements)
    async with other.transaction(), no_hang():
        await other.execute("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
        hanging = asyncio.create_task(resources.database.fetch(LOCKED, 0))
        results = await asyncio.gather(*(resources.database.fetch(sql) for sql in statements))
        assert [row["number"] for (row,) in results] == [0, 1, 2, 3]
        assert not hanging.done()
    assert await hanging == []
    await until(lambda: pool_of(resources).in_use == 0)


async def test_a_statement_that_hung_runs_alone_next_time(
    resources: Resources, other: Any, sent: list[list[str]]
) -> None:
    await resources.database.fetch(LOCKED, 0)
    pid = PID.format(1)
    await known(resources, pid)
    async with other.transaction(), no_hang():
        await other.execute("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
        hanging = asyncio.create_task(resources.database.fetch(LOCKED, 0))
        behind = asyncio.create_task(resources.database.fetch(pid))
        await behind
    await hanging
    sent.clear()
    await asyncio.gather(resources.database.fetch(LOCKED, 0), resources.database.fetch(pid))
    assert [LOCKED] in sent


@pytest.mark.parametrize("first", ["SELECT", "UPDATE"])
async def test_a_statement_beyond_its_deadline_leaves_its_connection_to_others(
    engine: Engine, database_url: str, first: str
) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("only PostgreSQL has pipelines")
    async with open_resources(settings_for(database_url, database_pool=1, database_deadline=PASSING)) as resources:
        fetch = resources.database.fetch
        (before,) = await fetch(PID.format(1))
        with pytest.raises(Unavailable):
            sql = "SELECT pg_sleep(60)" if first == "SELECT" else "UPDATE users SET id = id FROM pg_sleep(60)"
            await fetch(sql)
        assert await fetch(PID.format(1)) == [before]


async def test_writes_run_alone_and_once(resources: Resources, other: Any, sent: list[list[str]]) -> None:
    insert = "INSERT INTO things (id, name) VALUES ($1, 'n') RETURNING id"
    await resources.database.fetch(insert, 0)
    sent.clear()
    results = await asyncio.gather(
        *(resources.database.fetch(insert, number) for number in range(3)), return_exceptions=True
    )
    assert sent == [[insert]] * 3
    assert isinstance(results[0], IntegrityError)
    assert isinstance(results[0].__cause__, asyncpg.UniqueViolationError)
    assert results[1:] == [[{"id": 1}], [{"id": 2}]]
    assert await other.fetchval("SELECT count(*) FROM things") == 3


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE things ADD COLUMN more TEXT DEFAULT 'm'",
        "ALTER TABLE things DROP COLUMN name",
        "ALTER TABLE things ALTER COLUMN name TYPE BYTEA USING 'x'::bytea",
        "ALTER TABLE things ALTER COLUMN name TYPE TSVECTOR USING 'x'::tsvector",
        "DROP TABLE things; CREATE TABLE things (id TEXT, name JSONB)",
    ],
)
async def test_prepared_statements_survive_a_change_of_the_schema(
    resources: Resources, other: Any, change: str
) -> None:
    """Several connections have the statement; each returns what a new connection would."""
    sql = "SELECT * FROM things ORDER BY id"
    await other.execute("INSERT INTO things VALUES (1, 'a')")

    async def read() -> list[Any]:
        return await asyncio.gather(*(resources.database.fetch(f"{sql}") for _ in range(8)))

    assert (await read())[0] == [{"id": 1, "name": "a"}]
    await other.execute(change)
    expected = [dict(record) for record in await other.fetch(sql)]
    assert await read() == [expected] * 8
    assert await read() == [expected] * 8


async def test_a_type_that_was_made_again_is_read_again(resources: Resources, other: Any) -> None:
    sql = "SELECT $1::mood AS v"
    for _ in range(2):
        await other.execute("CREATE TYPE mood AS ENUM ('happy')")
        assert await resources.database.fetch(sql, "happy") == [{"v": "happy"}]
        await other.execute("DROP TYPE mood")
    with pytest.raises(asyncpg.UndefinedObjectError):
        await resources.database.fetch(sql, "happy")


async def test_a_connection_has_a_limited_number_of_prepared_statements(engine: Engine, database_url: str) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("only PostgreSQL has pipelines")
    async with open_resources(settings_for(database_url, database_pool=1)) as resources:
        for number in range(MAX_PREPARED + 20):
            await resources.database.fetch(f"SELECT {number} AS number")
        (row,) = await resources.database.fetch("SELECT count(*) AS n FROM pg_prepared_statements")
        assert row["n"] == MAX_PREPARED
        assert await resources.database.fetch("SELECT 0 AS number") == [{"number": 0}]


async def test_after_the_end_statements_are_rejected(resources: Resources) -> None:
    database = resources.database
    running = asyncio.create_task(database.fetch(SLEEP, 0.2))
    await until(lambda: pool_of(resources).in_use == 1)
    pool = pool_of(resources)
    await pool.close()
    assert await running == [{"slept": False}]
    with pytest.raises(Unavailable):
        await database.fetch("SELECT 1 AS one")
