"""Opens the database of an engine URL."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException

from adapters.database.base import Database, current_context
from adapters.database.dialect import Dialect
from adapters.database.postgres import Postgres
from adapters.database.postgres_url import SCHEMES, read_postgres_url
from adapters.database.sqlite import Sqlite
from core.errors import SettingsError
from core.settings.database import DatabaseSettings

SERVER_SETTINGS = {"idle_in_transaction_session_timeout": "30000", "jit": "off"}
"""Settings of PostgreSQL for all connections of the product."""

_RETRY_SECONDS = 0.02


async def open_database(settings: DatabaseSettings, model_modules: Sequence[str]) -> Database:
    """Connects to `settings.database_url` and binds Tortoise's models. Raises `SettingsError` when it cannot."""
    try:
        engine, credentials, dialect = _engine(settings)
        context = TortoiseContext()
        # Tortoise caches statements by the connection's name, so each engine has a name of its own.
        connections = {engine: {"engine": engine, "credentials": credentials}}
        apps = {"bff": {"models": list(model_modules), "default_connection": engine}}
        with current_context(context):
            await context.init({"connections": connections, "apps": apps})
    except (BaseORMException, OSError) as error:
        raise SettingsError(
            f"BFF_DATABASE_URL: {error}; use sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/NAME"
        ) from error
    database = Database(context, dialect, settings.database_deadline, credentials.get("size", 1))
    try:
        async with asyncio.timeout(settings.database_deadline):
            await _connect(database)
    except (
        OSError,
        TimeoutError,
        BaseORMException,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        sqlite3.Error,
    ) as error:
        await database.close()
        raise SettingsError(f"BFF_DATABASE_URL: cannot connect ({_reason(error)})") from error
    return database


async def _connect(database: Database) -> None:
    """Retries while another process switches a new SQLite file to WAL: SQLite does not wait for that."""
    while True:
        try:
            await database.client.create_connection(with_db=True)
        except Exception as error:
            await database.client.close()
            if not database.dialect.is_locked(error):
                raise
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            await database.client.execute_query("SELECT 1")
            return


def _engine(settings: DatabaseSettings) -> tuple[str, dict[str, Any], Dialect]:
    url = settings.database_url
    scheme = url.partition(":")[0]
    if scheme in SCHEMES:
        parsed_url = read_postgres_url("BFF_DATABASE_URL", url)
        credentials = {
            "url": parsed_url,
            "size": settings.database_pool,
            "deadline": settings.database_deadline,
            "server_settings": SERVER_SETTINGS,
        }
        return "adapters.database.asyncpg_client", credentials, Postgres(parsed_url, settings.database_deadline)
    if scheme == "sqlite":
        expanded: dict[str, Any] = expand_db_url(url)
        credentials = expanded["credentials"]
        path = credentials["file_path"]
        if path == ":memory:":
            raise SettingsError("BFF_DATABASE_URL: a database in memory ends with its connection; use a file")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return expanded["engine"], credentials | _pragmas(settings), Sqlite(path)
    raise SettingsError(f"BFF_DATABASE_URL: no driver for {scheme}://; use sqlite:// or postgres://")


def _pragmas(settings: DatabaseSettings) -> dict[str, Any]:
    """Returns pragmas. `secure_delete` overwrites deleted data, so that no data of erased accounts remains."""
    return {"busy_timeout": int(settings.database_deadline * 1000), "secure_delete": "ON"}


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
