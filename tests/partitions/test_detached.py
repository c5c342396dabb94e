"""Detachments that have to wait, and sessions that lose their connection."""

import asyncio

import pytest

from adapters.database import SchemaSession
from core.errors import Contended, Unavailable
from services.maintenance.partitions import EVENT_LOG, apply_partitions
from services.maintenance.partitions.catalog import gaps
from services.maintenance.partitions.changes import drop_partition
from services.resources import Resources
from tests.support.partitions import filled, partitions

TABLES = "SELECT tablename FROM pg_tables WHERE tablename = $1"
TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = 'bff-partitions' AND datname = current_database()"
)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.maintenance.partitions.changes.DETACH_SECONDS", 0.2)
    monkeypatch.setattr("adapters.database.postgres.PAUSES", (0.1, 0.1, 0.1, 0.1))


async def test_a_detachment_that_has_waited_too_long_is_finished_by_a_further_attempt(resources: Resources) -> None:
    await filled(resources)
    first = (await partitions(resources))[1]

    async def drop(session: SchemaSession) -> None:
        await drop_partition(session, EVENT_LOG, first)

    async with resources.database.dialect.schema_session() as session:
        assert session is not None
        async with resources.database.transaction() as held:
            await held.fetch("SELECT id FROM event_log LIMIT 1")
            dropping = asyncio.create_task(drop(session))
            while not (await partitions(resources))[0].is_leaving:  # noqa: ASYNC110 - a database is watched
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
        await dropping
    assert await resources.database.fetch(TABLES, first.name) == []
    assert gaps(await partitions(resources)) == []


async def test_a_detachment_that_never_gets_its_turn_is_finished_by_the_next_command(resources: Resources) -> None:
    await filled(resources)
    first = (await partitions(resources))[1]
    async with resources.database.dialect.schema_session() as session:
        assert session is not None
        async with resources.database.transaction() as held:
            await held.fetch("SELECT id FROM event_log LIMIT 1")
            with pytest.raises(Contended):
                await drop_partition(session, EVENT_LOG, first)
        assert (await partitions(resources))[0].is_leaving
        await session.detach("event_log", first.name, lock_seconds=0.2)
        await session.detach("event_log", first.name, lock_seconds=0.2)
    await apply_partitions(resources, ("event_log",), lambda _line: None)
    assert await resources.database.fetch(TABLES, first.name) == []


async def test_a_session_without_its_connection_says_that_the_database_is_unavailable(resources: Resources) -> None:
    async with resources.database.dialect.schema_session() as session:
        assert session is not None
        await resources.database.fetch(TERMINATE)
        for call in (session.fetch("SELECT 1"), session.run("SELECT 1"), session.run_together(["SELECT 1"])):
            with pytest.raises(Unavailable, match="The database does not answer"):
                await call
