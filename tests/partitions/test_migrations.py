"""Migrations of later releases on partitioned tables."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from migrations._engine_sql import BuildIndex
from services.maintenance.migrations import migrate, pending_migrations
from services.resources import Resources
from tests.support.added_migrations import added_migration
from tests.support.partitions import apply, filled, partitions, publish
from tests.support.relay import drained

LATER = """
from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

from migrations._engine_sql import BuildIndex


class Migration(TortoiseMigration):
    atomic = False
    dependencies = [("bff", "{before}")]
    operations = [
        RunSQL(["ALTER TABLE event_log ADD COLUMN region TEXT", "CREATE INDEX usage_by_app ON usage_counts (app)"]),
        BuildIndex("event_log_by_time", "event_log (occurred_at) WHERE version > 1"),
    ]
"""
INVALID = "SELECT indexrelid::regclass::text AS index FROM pg_index WHERE NOT indisvalid"
INDEXES = "SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%(occurred_at) WHERE%' AND tablename LIKE 'event%'"


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Adds a migration that changes the tables which can have partitions. Returns its name."""
    with added_migration(tmp_path / "migrations_of_partitions", monkeypatch, "m9999_region", LATER) as name:
        yield name


async def indexed(resources: Resources) -> set[str]:
    assert await resources.database.fetch(INVALID) == []
    return {row["tablename"] for row in await resources.database.fetch(INDEXES)}


async def test_a_later_migration_changes_all_partitions(resources: Resources, later: str) -> None:
    await apply(resources)
    await filled(resources)
    applied: list[str] = []
    await migrate(resources.database, applied.append)
    assert applied == [later]
    assert await pending_migrations(resources.database) == []
    assert await indexed(resources) == {"event_log", *(each.name for each in await partitions(resources))}
    await resources.database.fetch("UPDATE event_log SET region = 'north'")
    await filled(resources)  # new partitions have the column and the index, too
    assert await indexed(resources) == {"event_log", *(each.name for each in await partitions(resources))}
    await publish(resources, 9)
    await drained(resources)


async def test_a_build_of_an_index_continues_after_an_interruption(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await apply(resources, "event_log")
    build = BuildIndex("event_log_by_time", "event_log (occurred_at) WHERE version > 1")

    class Editor:
        DIALECT = "postgres"
        client = resources.database.client

    with monkeypatch.context() as patched:
        run, statements = resources.database.client.execute_query, list[str]()

        async def failing(statement: str, *values: Any) -> object:
            statements.append(statement)
            if len(statements) == 6:
                raise asyncpg.ConnectionDoesNotExistError
            return await run(statement, *values)

        patched.setattr(resources.database.client, "execute_query", failing)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await build._run_sql(Editor, [])
    assert await resources.database.fetch(INVALID) == [{"index": "event_log_by_time"}]
    for _ in range(2):
        await build._run_sql(Editor, [])
        assert await indexed(resources) == {"event_log", *(each.name for each in await partitions(resources))}
