"""Consistent reads of the database, past the product and past the proxy."""

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import asyncpg

Rows = list[dict[str, Any]]
Unreadable = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.OperationalError,
)
"""The errors of a read while the database is down, or starts."""

_SECONDS = 30


class Snapshot(ABC):
    """Reads that all see the database at one moment."""

    @abstractmethod
    async def fetch(self, sql: str) -> Rows: ...


Snapshots = Callable[[], AbstractAsyncContextManager[Snapshot]]
"""Opens a snapshot."""


def snapshots_of(url: str) -> Snapshots:
    """Returns what opens snapshots of the database at a URL."""
    if url.startswith("sqlite://"):
        return lambda: _sqlite(url.removeprefix("sqlite://"))
    return lambda: _postgres(url)


class _Postgres(Snapshot):
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str) -> Rows:
        return [dict(row) for row in await self._connection.fetch(sql, timeout=_SECONDS)]


@asynccontextmanager
async def _postgres(url: str) -> AsyncGenerator[Snapshot]:
    connection: Any = await asyncpg.connect(url, timeout=_SECONDS)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield _Postgres(connection)
    finally:
        with suppress(*Unreadable):
            await connection.close(timeout=_SECONDS)


class _Sqlite(Snapshot):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str) -> Rows:
        return await asyncio.to_thread(self._fetch, sql)

    def _fetch(self, sql: str) -> Rows:
        return [dict(row) for row in self._connection.execute(sql)]


@asynccontextmanager
async def _sqlite(path: str) -> AsyncGenerator[Snapshot]:
    connection = sqlite3.connect(
        f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=_SECONDS, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    try:
        # The first read after it takes the snapshot.
        connection.execute("BEGIN")
        yield _Sqlite(connection)
    finally:
        connection.close()
