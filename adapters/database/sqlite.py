"""SQLite 3.35 or later, by aiosqlite: the engine that needs no server.

PostgreSQL's words become SQLite's: `$1` is `?1`, and `= ANY($1)` reads a JSON array, which is how lists are bound.
Instants are text; columns named `…_at` hold them.
"""

import re
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiosqlite
import orjson

from adapters.database.base import Dialect, Twin

_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_PLACEHOLDER = re.compile(r"\$(\d+)")
_LOCK_WAIT_SECONDS = 60.0


class Sqlite(Dialect):
    """Statements rewritten; `path` is a file's, or `:memory:`."""

    gone = (sqlite3.ProgrammingError,)

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

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        if self._path == ":memory:":
            yield
            return
        lock = Path(f"{self._path}.migrating")
        async with aiosqlite.connect(lock, isolation_level=None, timeout=_LOCK_WAIT_SECONDS) as connection:
            await connection.execute("BEGIN EXCLUSIVE")
            yield


@lru_cache(maxsize=1024)
def _rewritten(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", _ANY.sub(r"IN (SELECT value FROM json_each($\1))", sql))


def _bound(value: object) -> object:
    if isinstance(value, list):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return value
