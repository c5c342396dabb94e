"""PostgreSQL 15 or later, by asyncpg."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise.exceptions import DBConnectionError

from adapters.database.base import Dialect, Twin

_MIGRATION_LOCK = 0x6266665F6D6967  # "bff_mig"


class Postgres(Dialect):
    """Statements as they are written; `credentials` are asyncpg's own names."""

    gone = (
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        DBConnectionError,
    )

    def __init__(self, credentials: dict[str, Any]) -> None:
        self._credentials = credentials

    def statement(self, sql: str | Twin) -> str:
        return sql if isinstance(sql, str) else sql.postgres

    def values(self, values: tuple[object, ...]) -> list[Any]:
        return list(values)

    def rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows

    @asynccontextmanager
    async def migration_lock(self) -> AsyncGenerator[None]:
        names = ("host", "port", "user", "password", "database")
        where: Any = {name: self._credentials.get(name) for name in names}
        connection = await asyncpg.connect(**where)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
            yield
        finally:
            await connection.close()
