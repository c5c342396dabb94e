"""`bff migrate` when it is killed, blocked, or started several times."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

import services.maintenance.migrations
from adapters.database import Database
from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.migrations import migrate, pending_migrations
from services.resources import Resources, open_resources
from tests.support.added_migrations import added_migration
from tests.support.engines import Engine
from tests.support.timing import PASSING, no_hang, settings_for

KILL_EVERY = os.environ.get("KILL_EVERY", "5")
"""Statements between two kills. A value of 1 takes minutes."""

SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '%autoindex%' ORDER BY type, name"
POSTGRES = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2, 3",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT tgname, pg_get_triggerdef(oid) AS made FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "SELECT i.indexrelid::regclass::text AS broken FROM pg_index i WHERE NOT i.indisvalid",
)


async def tables(database: Database, engine: Engine) -> list[Any]:
    """Returns everything that migrations have created."""
    statements = [SQLITE] if engine.name == "sqlite" else POSTGRES
    rows = [
        await database.fetch(sql) for sql in (*statements, "SELECT app, name FROM tortoise_migrations ORDER BY name")
    ]
    positions = await database.fetch("SELECT partition, tx, id FROM relay_positions ORDER BY partition")
    return [*rows, positions]


def _nothing(_name: str) -> None:
    pass


async def test_a_process_continues_after_one_that_was_killed_at_any_point(engine: Engine) -> None:
    async with engine.empty() as url, engine.empty() as clean:
        program = [sys.executable, "-m", "tests.support.killed_migrations", url, KILL_EVERY]
        run = await asyncio.to_thread(
            subprocess.run, program, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        assert int(run.stdout) > 20
        async with open_resources(settings_for(url)) as killed:
            assert await pending_migrations(killed.database) == []
            async with open_resources(settings_for(clean)) as whole:
                await migrate(whole.database, _nothing)
                assert await tables(killed.database, engine) == await tables(whole.database, engine)


ALTER = """
from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL


class Migration(TortoiseMigration):
    dependencies = [("bff", "{before}")]
    operations = [RunSQL(["CREATE TABLE first_of_two (id BIGINT)", "ALTER TABLE users ADD COLUMN nickname TEXT"])]
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Adds a migration that creates a table and then alters `users`. Returns its name."""
    with added_migration(tmp_path / "migrations_of_a_test", monkeypatch, "m9999_nickname", ALTER) as name:
        yield name


async def test_a_migration_behind_a_long_transaction_fails_and_is_rolled_back(
    resources: Resources, added: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.maintenance.migrations, "PAUSES", (0.01,))
    monkeypatch.setattr(services.maintenance.migrations, "LOCK_SECONDS", 0.1)
    hurried = replace(resources.settings, database_deadline=PASSING)  # SQLite waits so long for the only lock
    async with open_resources(hurried) as other, resources.database.transaction() as held:
        await held.fetch("SELECT id FROM users LIMIT 1")
        with pytest.raises(SettingsError) as caught:
            await migrate(other.database, _nothing)
    line = str(caught.value)
    assert line.startswith(f"BFF_DATABASE_URL: {added} is not applied")
    assert "\n" not in line
    assert await pending_migrations(resources.database) == [added]
    with pytest.raises((OperationalError, asyncpg.PostgresError), match="first_of_two"):
        await resources.database.fetch("SELECT 1 AS one FROM first_of_two")
    await migrate(resources.database, _nothing)
    assert await pending_migrations(resources.database) == []
    assert await resources.database.fetch("SELECT nickname FROM users WHERE nickname IS NOT NULL") == []


@pytest.mark.usefixtures("added")
async def test_a_migration_continues_when_the_table_is_free_and_does_not_block_readers(
    resources: Resources, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers that queue behind an ALTER wait no longer than its lock timeout."""
    if engine.name == "sqlite":
        pytest.skip("readers of SQLite never wait for a writer")
    monkeypatch.setattr(services.maintenance.migrations, "PAUSES", (0.1,) * 100)
    monkeypatch.setattr(services.maintenance.migrations, "LOCK_SECONDS", 0.2)
    async with open_resources(resources.settings) as other:
        async with other.database.transaction() as held:
            await held.fetch("SELECT id FROM users LIMIT 1")
            migrating = asyncio.create_task(migrate(resources.database, _nothing))
            for _ in range(20):
                await asyncio.sleep(0.05)
                assert await other.database.fetch("SELECT handle FROM users WHERE handle = 'ana'") == [
                    {"handle": "ana"}
                ]
            assert not migrating.done()
        async with no_hang():
            await migrating
    assert await pending_migrations(resources.database) == []


async def test_several_at_a_time_apply_each_migration_once(engine: Engine) -> None:
    async with engine.empty() as url, AsyncExitStack() as opened:
        settings = Settings(database_url=url, database_deadline=30.0)
        processes = [await opened.enter_async_context(open_resources(settings)) for _ in range(4)]
        applied: list[str] = []
        async with no_hang():
            await asyncio.gather(*(migrate(one.database, applied.append) for one in processes))
        assert applied == sorted(services.maintenance.migrations._known())


async def test_a_script_in_a_transaction_is_undone_with_it(resources: Resources) -> None:
    script = "CREATE TABLE one (name TEXT); INSERT INTO one VALUES ('a;b'); CREATE TABLE two (id BIGINT)"
    with pytest.raises(LookupError):
        async with resources.database.transaction() as transaction:
            await transaction.client.execute_script(script)
            assert await transaction.fetch("SELECT name FROM one") == [{"name": "a;b"}]
            raise LookupError
    for table in ("one", "two"):
        with pytest.raises((OperationalError, asyncpg.PostgresError), match=table):
            await resources.database.fetch(f"SELECT 1 AS one FROM {table}")
