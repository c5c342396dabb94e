"""A client of asyncpg for Tortoise, which opens its pool from a `PostgresUrl`.

Tortoise imports the name `client_class`, and detects asyncpg by the name of this module.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from adapters.database.connection_pool import ConnectionPool
from adapters.database.pipelines import Pipelines
from adapters.database.pipelines.libpq import open_connection
from adapters.database.postgres_url import PostgresUrl


class PostgresClient(AsyncpgDBClient):
    """Supports all options of a URL; the client of Tortoise supports only some."""

    def __init__(
        self, url: PostgresUrl, size: int, deadline: float, server_settings: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(**more)
        self._url = url
        self._size = size
        self._deadline = deadline
        self._settings = server_settings

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - the signature of Tortoise; the URL contains the database
        pool = await self._url.pool(self._size, self._deadline, self._settings)
        opened: Any = self
        made = ConnectionPool(pool, self._size)
        seconds = self._url.connect_timeout(self._deadline)
        connect = partial(open_connection, self._url, self._settings, seconds)
        made.pipelines = Pipelines(connect, made.slots, made.note_wait)
        opened._pool = made  # noqa: SLF001 - Tortoise has no public attribute for it

    @property
    def connection_pool(self) -> ConnectionPool | None:
        """The pool, or None while it is closed."""
        opened: Any = self._pool
        return opened


client_class = PostgresClient
