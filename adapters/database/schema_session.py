"""A connection that changes tables while clients write."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from adapters.database.dialect import DialectSQL
from core.errors import Contended, Unavailable

LOCK_SECONDS = 0.5
"""The maximum wait for a lock. Statements of clients queue behind a lock that waits."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between the attempts to get a lock."""

_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)

_IS_LEAVING = (
    "SELECT inhdetachpending AS is_leaving FROM pg_inherits "
    "WHERE inhparent = to_regclass(CAST($1 AS text)) AND inhrelid = to_regclass(CAST($2 AS text))"
)


class Violated(Exception):
    """Rows of the table violate a new constraint."""


class SchemaSession:
    """Runs statements without a deadline. It holds the lock of migrations, so no other process changes tables.

    A statement that does not get its locks within `LOCK_SECONDS` is tried again after each of `PAUSES`. After the last
    attempt it raises `Contended`. A statement whose constraint the rows violate raises `Violated`. A statement that the
    server does not answer raises `Unavailable`; `is_unavailable` recognizes the errors of the driver.
    """

    def __init__(
        self, connection: Any, pauses: Sequence[float] = PAUSES, *, is_unavailable: Callable[[Exception], bool]
    ) -> None:
        self._connection = connection
        self._pauses = pauses
        self._is_unavailable = is_unavailable

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]:
        """Returns the rows of a statement that only reads."""
        with translated_errors(self._is_unavailable):
            return await self._connection.fetch(sql if isinstance(sql, str) else sql.postgres, *values)

    async def run(self, statement: str, *, lock_seconds: float = LOCK_SECONDS) -> None:
        """Runs a statement outside of a transaction."""

        async def attempt() -> None:
            await self._limit_waits(lock_seconds)
            await self._connection.execute(statement)

        await self._repeat(attempt)

    async def run_together(self, statements: Sequence[str]) -> None:
        """Runs statements in one transaction."""

        async def attempt() -> None:
            async with self._connection.transaction():
                await self._connection.execute(f"SET LOCAL lock_timeout = '{int(LOCK_SECONDS * 1000)}ms'")
                for statement in statements:
                    await self._connection.execute(statement)

        await self._repeat(attempt)

    async def detach(self, table: str, partition: str, *, lock_seconds: float) -> None:
        """Detaches a partition while clients read and write the table. Does nothing if it is detached.

        PostgreSQL commits the first half, and then waits for the transactions that use the table. If it waits too long,
        or its process is killed, the partition stays half detached. Then an attempt runs the second half alone.
        """

        async def attempt() -> None:
            rows = await self._connection.fetch(_IS_LEAVING, table, partition)
            if rows:
                mode = "FINALIZE" if rows[0]["is_leaving"] else "CONCURRENTLY"
                await self._limit_waits(lock_seconds)
                await self._connection.execute(f"ALTER TABLE {table} DETACH PARTITION {partition} {mode}")

        await self._repeat(attempt)

    async def _limit_waits(self, lock_seconds: float) -> None:
        await self._connection.execute(f"SET lock_timeout = '{int(lock_seconds * 1000)}ms'")

    async def _repeat(self, attempt: Callable[[], Awaitable[None]]) -> None:
        for pause in (*self._pauses, None):
            try:
                with translated_errors(self._is_unavailable):
                    await attempt()
            except asyncpg.CheckViolationError as error:
                raise Violated from error
            except _BUSY as error:
                await _wait(pause, error)
            else:
                return


@contextmanager
def translated_errors(is_unavailable: Callable[[Exception], bool]) -> Generator[None]:
    """Raises `Unavailable` for errors of a server that does not answer."""
    try:
        yield
    except Exception as error:
        # TimeoutError is a subclass of OSError.
        if isinstance(error, OSError) or is_unavailable(error):
            raise Unavailable("The database does not answer. Try again.") from error
        raise


async def _wait(pause: float | None, error: Exception) -> None:
    if pause is None:
        raise Contended("Other transactions use the table. Try again.") from error
    await asyncio.sleep(pause)
