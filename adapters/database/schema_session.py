"""A connection that changes tables while clients write."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from adapters.database.dialect import DialectSQL
from core.errors import Contended

LOCK_SECONDS = 0.5
"""The maximum wait for a lock. Statements of clients queue behind a lock that waits."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between the attempts to get a lock."""


_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class Violated(Exception):
    """Rows of the table violate a new constraint."""


class SchemaSession:
    """Runs statements without a deadline. It holds the lock of migrations, so no other process changes tables.

    A statement that does not get its locks within `LOCK_SECONDS` is tried again after each of `PAUSES`. After the last
    attempt it raises `Contended`. A statement whose constraint the rows violate raises `Violated`.
    """

    def __init__(self, connection: Any, pauses: Sequence[float] = PAUSES) -> None:
        self._connection = connection
        self._pauses = pauses

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]:
        """Returns the rows of a statement that only reads."""
        return await self._connection.fetch(sql if isinstance(sql, str) else sql.postgres, *values)

    async def run(self, statement: str, *, lock_seconds: float = LOCK_SECONDS) -> None:
        """Runs a statement outside of a transaction."""
        for pause in (*self._pauses, None):
            try:
                await self._connection.execute(f"SET lock_timeout = '{int(lock_seconds * 1000)}ms'")
                await self._connection.execute(statement)
            except asyncpg.CheckViolationError as error:
                raise Violated from error
            except _BUSY as error:
                await _wait(pause, error)
            else:
                return

    async def run_together(self, statements: Sequence[str]) -> None:
        """Runs statements in one transaction."""
        for pause in (*self._pauses, None):
            try:
                async with self._connection.transaction():
                    await self._connection.execute(f"SET LOCAL lock_timeout = '{int(LOCK_SECONDS * 1000)}ms'")
                    for statement in statements:
                        await self._connection.execute(statement)
            except asyncpg.CheckViolationError as error:
                raise Violated from error
            except _BUSY as error:
                await _wait(pause, error)
            else:
                return


async def _wait(pause: float | None, error: Exception) -> None:
    if pause is None:
        raise Contended("Other transactions use the table. Try again.") from error
    await asyncio.sleep(pause)
