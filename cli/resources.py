"""Opens the process's resources for commands, and checks the database first."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.key_holders import check_keys, note_keys
from services.maintenance.migrations import pending_migrations
from services.relay import check_log
from services.resources import Resources, open_resources


@asynccontextmanager
async def open_with_keys(settings: Settings) -> AsyncGenerator[Resources]:
    """Opens the resources for a command that seals data or reads the log. Raises `SettingsError`.

    It fails like `open_migrated`, and if keys are missing or the event log is ahead of the database.
    """
    async with open_migrated(settings) as resources:
        await check_log(resources.database)
        await check_keys(resources)
        await note_keys(resources.database, resources.keys)
        yield resources


@asynccontextmanager
async def open_migrated(settings: Settings) -> AsyncGenerator[Resources]:
    """Opens the resources. Raises `SettingsError` if the database cannot be reached or lacks tables."""
    async with open_resources(settings) as resources:
        if await pending_migrations(resources.database):
            name = resources.database.dialect.address
            raise SettingsError(f"BFF_DATABASE_URL: the database {name} lacks tables; run 'bff migrate' first")
        yield resources
