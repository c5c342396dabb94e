"""What a command needs that works on tables."""

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
    """The same for what seals data and follows the log; `SettingsError` when the keys or the log do not fit."""
    async with open_migrated(settings) as resources:
        await check_log(resources.database)
        await check_keys(resources)
        await note_keys(resources.database, resources.keys)
        yield resources


@asynccontextmanager
async def open_migrated(settings: Settings) -> AsyncGenerator[Resources]:
    """The process's resources; `SettingsError` when the database cannot be reached or lacks tables."""
    async with open_resources(settings) as resources:
        if await pending_migrations(resources.database):
            raise SettingsError("BFF_DATABASE_URL: this database lacks tables; run 'bff migrate' first")
        yield resources
