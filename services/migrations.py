"""Brings a database's tables up to date, one process at a time."""

import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.recorder import MigrationRecorder

import migrations
from adapters.database import Database

_APPS: dict[str, dict[str, Any]] = {"bff": {"models": [], "migrations": "migrations"}}


async def migrate(database: Database, announce: Callable[[str], object]) -> None:
    """Applies what is missing, under the engine's lock; `announce` gets each migration's name when it is applied."""

    def applied(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            announce(name)

    async with database.dialect.migration_lock():
        with database.current():
            await MigrationExecutor(database.client, _APPS).migrate(direction="forward", progress=applied)


async def pending_migrations(database: Database) -> list[str]:
    """Names of the migrations that the database lacks."""
    applied = await MigrationRecorder(database.client).applied_migrations()
    return sorted(_known() - {migration.name for migration in applied})


@cache
def _known() -> frozenset[str]:
    return frozenset(
        module.name for module in pkgutil.iter_modules(migrations.__path__) if not module.name.startswith("_")
    )
