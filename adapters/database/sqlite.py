"""SQLite 3.35 or later, with aiosqlite: the engine without a server.

Statements are rewritten: `$1` becomes `?1`, `= ANY($1)` reads a JSON array, and row locks are removed, since
transactions are serialized. Lists are bound as JSON. Instants and dates are text in columns named `…_at` and `…_on`.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

import aiosqlite
import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import OperationalError

from adapters.database.dialect import Columns, Dialect, DialectSQL
from adapters.database.rows import Rows, rows_from_dicts
from core.errors import SettingsError

_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_PLACEHOLDER = re.compile(r"\$(\d+)")
_ROW_LOCK = re.compile(r" FOR (KEY SHARE|SHARE|NO KEY UPDATE|UPDATE)( OF \w+)?( SKIP LOCKED)?\b")
_READERS: dict[str, Callable[[str], date]] = {"_at": datetime.fromisoformat, "_on": date.fromisoformat}
_COPY_BATCH = 5000
_MIGRATION_WAIT_SECONDS = 600.0
_UNAVAILABLE = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"}


class Sqlite(Dialect):
    """Runs rewritten statements on the file `path`."""

    system = "sqlite"

    def __init__(self, path: str) -> None:
        self._path = path
        self.address = str(Path(path).absolute())

    def statement(self, sql: str | DialectSQL) -> str:
        return _rewritten(sql) if isinstance(sql, str) else _rewritten(sql.sqlite)

    def values(self, values: tuple[object, ...]) -> list[Any]:
        return [_bound(value) for value in values]

    def rows_table(self, columns: Columns, first: int) -> str:
        values = ", ".join(f"json_extract(value, '$[{number}]')" for number in range(len(columns)))
        return f"SELECT {values} FROM json_each(?{first})"  # noqa: S608 - built from numbers

    def rows_values(self, columns: Columns, rows: Sequence[tuple[object, ...]]) -> list[Any]:  # noqa: ARG002 - the rows suffice
        return [_bound([[_bound(value) for value in row] for row in rows])]

    async def fetch(self, client: Any, statement: str, values: list[Any], deadline: float) -> Rows:
        async with asyncio.timeout(deadline):
            rows: Rows = await client.execute_query_dict(statement, values)
        readers = {name: _READERS[name[-3:]] for name in rows[0] if name[-3:] in _READERS} if rows else {}
        for row in rows:
            for name, read in readers.items():
                if row[name] is not None:
                    row[name] = read(row[name])
        return rows_from_dicts(rows)

    def is_unavailable(self, error: Exception) -> bool:
        cause = error.__context__ if isinstance(error, OperationalError) else error
        if isinstance(cause, sqlite3.ProgrammingError):
            return "closed" in str(cause)
        name = getattr(cause, "sqlite_errorname", None) or ""
        return isinstance(cause, sqlite3.Error) and any(name.startswith(prefix) for prefix in _UNAVAILABLE)

    def is_lock_timeout(self, error: Exception) -> bool:
        cause = error.__context__ if isinstance(error, OperationalError) else error
        return (getattr(cause, "sqlite_errorname", None) or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))

    async def limit_lock_waits(self, client: Any, seconds: float) -> None:
        """Does nothing: a transaction has the only lock from its beginning."""

    async def await_standbys(self, client: Any) -> None:
        """Does nothing: SQLite has no standbys."""

    async def allow_idle_transaction(self, client: Any) -> None:
        """Does nothing: SQLite has no limit on idle time."""

    def is_locked(self, error: Exception) -> bool:
        return (getattr(error, "sqlite_errorname", None) or "").startswith("SQLITE_BUSY")

    @asynccontextmanager
    async def transaction(self, client: SqliteClient) -> AsyncGenerator[BaseDBAsyncClient]:
        async with client.acquire_connection() as acquired:
            connection = cast(aiosqlite.Connection, acquired)
            try:
                # The write lock is taken at the beginning, which waits for other processes. Later it would fail.
                await connection.execute("BEGIN IMMEDIATE")
                yield _Transaction(client)
            except BaseException:
                await asyncio.shield(_roll_back(connection))
                raise
            await connection.commit()

    async def copy(self, client: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        placeholders = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders})"  # noqa: S608 - built from constants
        bound = (tuple(_bound(value) for value in row) for row in rows)
        while batch := list(islice(bound, _COPY_BATCH)):
            await client.execute_many(sql, batch)

    async def drop_tables(self, client: Any) -> None:
        # Dropping a virtual table also drops its shadow tables, so they are dropped with IF EXISTS.
        tables = await client.execute_query_dict(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY sql LIKE '%fts5%' DESC"
        )
        for row in tables:
            await client.execute_query(f'DROP TABLE IF EXISTS "{row["name"]}"')

    async def analyze(self, client: Any) -> None:
        await client.execute_query("ANALYZE")

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        lock = Path(f"{self._path}.migrating")
        async with aiosqlite.connect(lock, isolation_level=None, timeout=_MIGRATION_WAIT_SECONDS) as connection:
            try:
                await connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                wait = int(_MIGRATION_WAIT_SECONDS)
                raise SettingsError(
                    f"BFF_DATABASE_URL: another process has been migrating for over {wait} s"
                ) from error
            yield


class _Transaction(SqliteTransactionWrapper):
    """Runs scripts inside the transaction. sqlite3's `executescript`, which Tortoise calls, would commit it first."""

    async def execute_script(self, query: str) -> None:
        for statement in _statements(query):
            await self.execute_query(statement)


def _statements(script: str) -> Generator[str]:
    """Splits a script at the semicolons that end statements, not at those within texts and triggers."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n\t;"):
                yield statement
            statement = ""
    if statement.strip(" \n\t;"):
        yield statement


async def _roll_back(connection: aiosqlite.Connection) -> None:
    await connection.rollback()


@lru_cache(maxsize=1024)
def _rewritten(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", _ANY.sub(r"IN (SELECT value FROM json_each($\1))", _ROW_LOCK.sub("", sql)))


def _bound(value: object) -> object:
    if isinstance(value, list):
        return orjson.dumps(value).decode()
    if isinstance(value, DialectSQL):
        return value.sqlite
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value
