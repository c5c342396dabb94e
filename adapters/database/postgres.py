"""PostgreSQL 15 or later, by asyncpg."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import DBConnectionError

from adapters.database.base import Dialect, Twin
from core.errors import SettingsError

_MIGRATION_LOCK = 0x6266665F6D6967  # "bff_mig"
_MIGRATION_WAIT = "10min"
_OF_THE_POOL = ("minsize", "maxsize")
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    DBConnectionError,
)


class Postgres(Dialect):
    """Statements as they are written; `credentials` are Tortoise's, most of them asyncpg's own."""

    def __init__(self, credentials: dict[str, Any]) -> None:
        self._credentials = credentials

    def statement(self, sql: str | Twin) -> str:
        return sql if isinstance(sql, str) else sql.postgres

    def values(self, values: tuple[object, ...]) -> list[Any]:
        return [value.postgres if isinstance(value, Twin) else value for value in values]

    def rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows

    def is_gone(self, error: Exception) -> bool:
        return isinstance(error, _GONE)

    @asynccontextmanager
    async def transaction(self, client: AsyncpgDBClient) -> AsyncGenerator[BaseDBAsyncClient]:
        if client._pool is None:  # noqa: SLF001 - Tortoise's own transactions do the same, but lose a connection when cancelled
            raise DBConnectionError("the connection pool is closed")
        async with client._pool.acquire() as connection:  # noqa: SLF001 - as above
            wrapper = TransactionWrapper(client)
            wrapper._connection = cast(Any, connection)  # noqa: SLF001 - as above
            async with connection.transaction():
                yield wrapper

    async def copy(self, client: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        await client._connection.copy_records_to_table(table, records=rows, columns=columns)  # noqa: SLF001 - Tortoise has no COPY

    async def drop_tables(self, client: Any) -> None:
        tables = await client.execute_query_dict("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for row in tables:
            await client.execute_script(f'DROP TABLE "{row["tablename"]}" CASCADE')

    async def analyze(self, client: Any) -> None:
        await client.execute_script("VACUUM ANALYZE")

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        where = {name: value for name, value in self._credentials.items() if name not in _OF_THE_POOL}
        connection = await asyncpg.connect(**where)
        try:
            await connection.execute(f"SET lock_timeout = '{_MIGRATION_WAIT}'")
            await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
            yield
        except asyncpg.LockNotAvailableError as error:
            raise SettingsError(f"BFF_DATABASE_URL: another process migrates for over {_MIGRATION_WAIT}") from error
        finally:
            await connection.close()
