"""Tortoise's client of asyncpg, whose pool is opened by a `PostgresUrl`.

Tortoise finds it by the name `client_class`, and chooses what it needs for asyncpg by the name of this module.
"""

from collections.abc import Mapping
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from adapters.database.connection_pool import ConnectionPool
from adapters.database.postgres_url import PostgresUrl


class PostgresClient(AsyncpgDBClient):
    """Tortoise's own would read only a part of what a URL says."""

    def __init__(
        self, url: PostgresUrl, size: int, deadline: float, server_settings: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(**more)
        self._url = url
        self._size = size
        self._deadline = deadline
        self._settings = server_settings

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise calls it so, and the URL names the database
        pool = await self._url.pool(self._size, self._deadline, self._settings)
        opened: Any = self
        opened._pool = ConnectionPool(pool, self._size)  # noqa: SLF001 - Tortoise has no other place for it

    @property
    def connection_pool(self) -> ConnectionPool | None:
        """None while it is closed."""
        opened: Any = self._pool
        return opened


client_class = PostgresClient
