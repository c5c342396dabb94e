"""Statements on PostgreSQL whose client leaves."""

import asyncio
from typing import Any

import asyncpg
import pytest
from psycopg.pq.abc import PGconn

from adapters.database import postgres_connection
from adapters.database.pipelines import libpq, pipelines
from core.settings import Settings
from services.resources import Resources
from tests.support.timing import DEADLINE, HANG_SECONDS, no_hang, settings_for, until

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
LOCK = "SELECT pg_advisory_lock(7)::TEXT AS locked, pg_backend_pid() AS pid"
CONNECT: Any = asyncpg.connect
PID = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, database_pool=1)


@pytest.fixture
def resources(postgres_resources: Resources) -> Resources:
    return postgres_resources


@pytest.fixture
def cancellations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes of the server whose statements were cancelled."""
    found: list[int] = []
    original = libpq.cancel_statement

    async def cancel(connection: PGconn) -> None:
        found.append(connection.backend_pid)
        await original(connection)

    monkeypatch.setattr(pipelines, "cancel_statement", cancel)
    return found


async def left_waiting(resources: Resources, other: Any) -> asyncio.Task[Any]:
    """Returns a request that was cancelled while its statement waits for a lock of another session."""
    await other.execute("SELECT pg_advisory_lock(7)")
    task = asyncio.create_task(resources.database.fetch(LOCK))
    async with no_hang():
        while not await other.fetch(WAITING):  # noqa: ASYNC110 - the server tells no event
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0)
    return task


async def test_a_statement_that_ends_soon_is_not_cancelled(
    resources: Resources, settings: Settings, cancellations: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection, "GRACE_SECONDS", DEADLINE)
    (before,) = await resources.database.fetch(PID)
    other = await CONNECT(settings.database_url)
    task = await left_waiting(resources, other)
    await other.close()
    await asyncio.wait([task], timeout=HANG_SECONDS)
    assert (task.cancelled(), cancellations) == (True, [])
    assert await resources.database.fetch(PID) == [before]


async def test_a_statement_that_does_not_end_is_cancelled(
    resources: Resources, settings: Settings, cancellations: list[int]
) -> None:
    (before,) = await resources.database.fetch(PID)
    other = await CONNECT(settings.database_url)
    task = await left_waiting(resources, other)
    await until(lambda: cancellations)
    await asyncio.wait([task], timeout=HANG_SECONDS)
    assert (task.cancelled(), cancellations) == (True, [before["pid"]])
    assert await resources.database.fetch(PID) == [before]
    await other.close()
