"""PostgreSQL 15 or later: transactions by asyncpg, other statements in pipelines of libpq."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import DBConnectionError, TransactionManagementError

from adapters.database.asyncpg_client import PostgresClient
from adapters.database.connection_pool import ConnectionPool
from adapters.database.dialect import Columns, Dialect, DialectSQL, PoolState
from adapters.database.postgres_url import PostgresUrl
from adapters.database.rows import Rows, rows_from_dicts
from adapters.database.schema_session import PAUSES, SchemaSession, translated_errors
from adapters.database.tsvector import binary_tsvectors
from core.errors import SettingsError

logger = logging.getLogger(__name__)

_MIGRATION_LOCK = 0x6266665F6D6967  # "bff_mig"
_MIGRATION_WAIT_SECONDS = 600.0
_AWAIT_STANDBYS = (
    "SELECT pg_logical_emit_message(true, 'bff', '') WHERE current_setting('synchronous_standby_names') <> ''"
)
"""Writes a record to the log, so that the commit waits for the standbys. Without synchronous ones it does nothing."""

_RETRY_SECONDS = 0.2
_ROLLBACK_SECONDS = 1.0
_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised when the server dies between two steps of asyncpg
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a primary that is about to become one
    DBConnectionError,
)


class Postgres(Dialect):
    """Runs statements unchanged."""

    system = "postgresql"
    partitions_tables = True

    def __init__(self, url: PostgresUrl, deadline: float) -> None:
        self._url = url
        self._deadline = deadline
        self.address = url.address

    def statement(self, sql: str | DialectSQL) -> str:
        return sql if isinstance(sql, str) else sql.postgres

    def values(self, values: tuple[object, ...]) -> list[Any]:
        return [value.postgres if isinstance(value, DialectSQL) else value for value in values]

    def rows_table(self, columns: Columns, first: int) -> str:
        arrays = ", ".join(f"${number}::{name}[]" for number, name in enumerate(columns.values(), first))
        return f"SELECT * FROM unnest({arrays})"  # noqa: S608 - built from constants

    def rows_values(self, columns: Columns, rows: Sequence[tuple[object, ...]]) -> list[Any]:
        return [self.values(tuple(row[index] for row in rows)) for index in range(len(columns))]

    def fetch(self, client: Any, statement: str, values: list[Any], deadline: float) -> Awaitable[Rows]:
        if isinstance(client, TransactionWrapper):
            return _fetch_in_transaction(client, statement, values, deadline)
        client.log.debug("%s: %s", statement, values)
        return _pool(client).fetch(statement, values, deadline)

    def pool_state(self, client: Any) -> PoolState | None:
        return client.connection_pool

    def is_unavailable(self, error: Exception) -> bool:
        cause = error.__cause__ if isinstance(error, TransactionManagementError) else error
        return isinstance(cause, _UNAVAILABLE)

    def is_contended(self, error: Exception) -> bool:
        return isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)

    def is_lock_timeout(self, error: Exception) -> bool:
        return isinstance(error, asyncpg.LockNotAvailableError) or self.is_contended(error)

    async def limit_lock_waits(self, client: Any, seconds: float) -> None:
        await client.execute_query("SELECT set_config('lock_timeout', $1, true)", [f"{int(seconds * 1000)}ms"])

    async def await_standbys(self, client: Any) -> None:
        # Like COMMIT, it is no statement of the caller.
        await client._connection.execute(_AWAIT_STANDBYS)  # noqa: SLF001 - Tortoise has no public way

    async def allow_idle_transaction(self, client: Any) -> None:
        await client.execute_query("SET LOCAL idle_in_transaction_session_timeout = 0")

    @asynccontextmanager
    async def transaction(self, client: PostgresClient) -> AsyncGenerator[BaseDBAsyncClient]:
        # Tortoise's transactions leak a connection when they are cancelled.
        pool = _pool(client)
        connection = await pool.take(deadline=None)
        try:
            wrapper = TransactionWrapper(client)
            wrapper._connection = connection  # noqa: SLF001 - Tortoise has no public way
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield wrapper
            except BaseException:
                await _roll_back(transaction, connection)
                raise
            async with asyncio.timeout(self._deadline):
                await transaction.commit()
        except BaseException:
            await pool.release(connection)
            raise
        pool.give_back(connection)

    async def copy(self, client: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        connection = client._connection  # noqa: SLF001 - Tortoise has no COPY
        records = (self.values(row) for row in rows)
        async with binary_tsvectors(connection):
            await connection.copy_records_to_table(table, records=records, columns=columns)

    async def drop_tables(self, client: Any) -> None:
        tables = await client.execute_query_dict("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for row in tables:
            await client.execute_script(f'DROP TABLE IF EXISTS "{row["tablename"]}" CASCADE')

    async def analyze(self, client: Any) -> None:
        await client.execute_script("VACUUM ANALYZE")

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        connection = await self._url.connect("bff-migrate", self._deadline)
        try:
            await _take_lock(connection)
            yield
        finally:
            await connection.close()

    @asynccontextmanager
    async def schema_session(self, *, hurried: bool = False) -> AsyncGenerator[SchemaSession | None]:
        with translated_errors(self.is_unavailable):
            connection = await self._url.connect("bff-partitions", self._deadline)
        try:
            pauses = () if hurried else PAUSES
            session = SchemaSession(connection, pauses, is_unavailable=self.is_unavailable)
            (row,) = await session.fetch("SELECT pg_try_advisory_lock($1) AS is_alone", _MIGRATION_LOCK)
            yield session if row["is_alone"] else None
        finally:
            await connection.close()


async def _take_lock(connection: Any) -> None:
    """Polls for the lock, since a waiting statement would be a transaction that a concurrent index build waits for."""
    waited = 0.0
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _MIGRATION_LOCK):
        if waited >= _MIGRATION_WAIT_SECONDS:
            raise SettingsError(
                f"BFF_DATABASE_URL: another process has been migrating for over {_MIGRATION_WAIT_SECONDS:.0f} s"
            )
        await asyncio.sleep(_RETRY_SECONDS)
        waited += _RETRY_SECONDS


def _pool(client: PostgresClient) -> ConnectionPool:
    if client.connection_pool is None:
        raise DBConnectionError("the connection pool is closed")
    return client.connection_pool


async def _roll_back(transaction: Any, connection: Any) -> None:
    """Rolls back. If the server does not answer, closes the connection, and the server rolls back."""
    try:
        async with asyncio.timeout(_ROLLBACK_SECONDS):
            await transaction.rollback()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        logger.warning("closed the connection of a transaction that could not be rolled back: %s", type(error).__name__)
        with suppress(asyncpg.InterfaceError):  # it was cut, and the pool has it back
            connection.terminate()


async def _fetch_in_transaction(client: Any, statement: str, values: list[Any], deadline: float) -> Rows:
    async with asyncio.timeout(deadline):
        return rows_from_dicts(await client.execute_query_dict(statement, values))
