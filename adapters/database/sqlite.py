"""SQLite 3.35 or later, by aiosqlite: the engine that needs no server.

PostgreSQL's words become SQLite's: `$1` is `?1`, and `= ANY($1)` reads a JSON array, which is how lists are bound.
Instants are text; columns named `…_at` hold them. Row locks fall away, since transactions take turns.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import aiosqlite
import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import OperationalError

from adapters.database.base import Dialect, Twin
from core.errors import SettingsError

_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_PLACEHOLDER = re.compile(r"\$(\d+)")
_ROW_LOCK = re.compile(r" FOR (SHARE|UPDATE)\b")
_MIGRATION_WAIT_SECONDS = 600.0
_GONE = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"}


class Sqlite(Dialect):
    """Statements rewritten; `path` is a file's."""

    def __init__(self, path: str) -> None:
        self._path = path

    def statement(self, sql: str | Twin) -> str:
        return _rewritten(sql) if isinstance(sql, str) else _rewritten(sql.sqlite)

    def values(self, values: tuple[object, ...]) -> list[Any]:
        return [_bound(value) for value in values]

    def rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        instants = [name for name in rows[0] if name.endswith("_at")] if rows else []
        for row in rows:
            for name in instants:
                if row[name] is not None:
                    row[name] = datetime.fromisoformat(row[name])
        return rows

    def is_gone(self, error: Exception) -> bool:
        cause = error.__context__ if isinstance(error, OperationalError) else error
        if isinstance(cause, sqlite3.ProgrammingError):
            return "closed" in str(cause)
        name = getattr(cause, "sqlite_errorname", None) or ""
        return isinstance(cause, sqlite3.Error) and any(name.startswith(gone) for gone in _GONE)

    @asynccontextmanager
    async def transaction(self, client: SqliteClient) -> AsyncGenerator[BaseDBAsyncClient]:
        async with client.acquire_connection() as acquired:
            connection = cast(aiosqlite.Connection, acquired)
            try:
                # Taking the write lock at once waits for other processes; taking it later would fail instead.
                await connection.execute("BEGIN IMMEDIATE")
                yield SqliteTransactionWrapper(client)
            except BaseException:
                await asyncio.shield(_rolled_back(connection))
                raise
            await connection.commit()

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        lock = Path(f"{self._path}.migrating")
        async with aiosqlite.connect(lock, isolation_level=None, timeout=_MIGRATION_WAIT_SECONDS) as connection:
            try:
                await connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                wait = int(_MIGRATION_WAIT_SECONDS)
                raise SettingsError(f"BFF_DATABASE_URL: another process migrates for over {wait} s") from error
            yield


async def _rolled_back(connection: aiosqlite.Connection) -> None:
    await connection.rollback()


@lru_cache(maxsize=1024)
def _rewritten(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", _ANY.sub(r"IN (SELECT value FROM json_each($\1))", _ROW_LOCK.sub("", sql)))


def _bound(value: object) -> object:
    if isinstance(value, list):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return value
