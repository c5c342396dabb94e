"""Migrates a database, one process at a time.

A migration and its record are one transaction, so a process may be killed at any point, and the next one continues. A
migration with `atomic = False` runs outside of a transaction, as PostgreSQL requires to build an index concurrently. It
must be safe to apply twice.

Migrations expand the tables, so that the code of the release before goes on with them. Those whose names say `contract`
remove what that code still needs, and are applied when it does not run any more (docs/decisions/0035-upgrades.md).
"""

import asyncio
import logging
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_generator.state import State

import migrations
from adapters.database import Database, DialectSQL, Queries
from core.errors import Contended, SettingsError, Unavailable

logger = logging.getLogger(__name__)

LOCK_SECONDS = 2.0
"""Other statements queue behind one that waits for a table, so it gives up and is tried again."""

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0)
"""Seconds between the attempts."""

_HAS_RECORDS = DialectSQL(
    "SELECT 1 AS one WHERE to_regclass('tortoise_migrations') IS NOT NULL",
    "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'tortoise_migrations'",
)
"""Returns a row if migrations are recorded. Tortoise's own reader returns no migrations for every error."""

_CONTRACT = re.compile(r"m\d+_contract_")

_APPS: dict[str, dict[str, Any]] = {"bff": {"models": [], "migrations": "migrations"}}


async def migrate(database: Database, announce: Callable[[str], object], *, contract: bool = False) -> None:
    """Applies pending migrations under the database's migration lock. `announce` gets each name when it is applied.

    Those that contract are applied if `contract` is true, or if no migration was applied before: then no process of an
    earlier release runs.

    Raises `SettingsError` if a table stays in use for so long that a migration cannot change it; that one is rolled
    back.
    """
    async with database.dialect.migration_lock():
        with database.current():
            executor = MigrationExecutor(database.client, _APPS)
            await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))  # noqa: SLF001 - as Tortoise does
            steps = await executor.plan()
            applied: set[MigrationKey] = set(await executor.recorder.applied_migrations())
            state = await executor._project_state(applied)  # noqa: SLF001 - as above
            for step in steps:
                if is_contract(step.migration.name) and applied and not contract:
                    continue
                state = await _apply_with_retries(database, executor, step.migration, state)
                announce(step.migration.name)


def is_contract(name: str) -> bool:
    """Returns whether a migration removes what the code of the release before still needs."""
    return _CONTRACT.match(name) is not None


async def pending_migrations(database: Database) -> list[str]:
    """Returns the migrations that the database lacks and this release needs. Raises `Unavailable`."""
    return [name for name in await _lacking(database) if not is_contract(name)]


async def pending_contracts(database: Database) -> list[str]:
    """Returns the migrations that `bff migrate --contract` would apply, apart from those that this release needs."""
    return [name for name in await _lacking(database) if is_contract(name)]


async def _lacking(database: Database) -> list[str]:
    has_records = await database.fetch(_HAS_RECORDS)
    applied = await database.fetch("SELECT name FROM tortoise_migrations") if has_records else []
    return sorted(_known() - {row["name"] for row in applied})


async def _apply_with_retries(
    database: Database, executor: MigrationExecutor, migration: Migration, state: State
) -> State:
    for pause in (*PAUSES, None):
        try:
            return await _apply(database, executor, migration, state.clone())
        except Exception as error:
            if not _is_blocked(database, error):
                raise
            if pause is None:
                raise SettingsError(
                    f"BFF_DATABASE_URL: {migration.name} is not applied, since others use a table that it changes; "
                    "end long queries and transactions, and run 'bff migrate' again"
                ) from error
        logger.warning("a table is in use; the migration is tried again: %s", migration.name)
        await asyncio.sleep(pause)
    raise AssertionError


def _is_blocked(database: Database, error: Exception) -> bool:
    return isinstance(error, Contended | Unavailable) or database.dialect.is_lock_timeout(error)


async def _apply(database: Database, executor: MigrationExecutor, migration: Migration, state: State) -> State:
    editor = executor._schema_editor(atomic=migration.atomic)  # noqa: SLF001 - as above
    if not migration.atomic:
        after = await migration.apply(state, schema_editor=editor)
        async with database.transaction() as transaction:
            await _record(transaction, migration)
        return after
    async with database.transaction() as transaction:
        await database.dialect.limit_lock_waits(transaction.client, LOCK_SECONDS)
        await _record(transaction, migration)
        editor.client = transaction.client
        return await migration.apply(state, schema_editor=editor)


async def _record(transaction: Queries, migration: Migration) -> None:
    """Runs first in the transaction. A record is unique, so a second process without the lock waits here."""
    await MigrationRecorder(transaction.client).record_applied(migration.app_label, migration.name)


@cache
def _known() -> frozenset[str]:
    return frozenset(
        module.name for module in pkgutil.iter_modules(migrations.__path__) if not module.name.startswith("_")
    )
