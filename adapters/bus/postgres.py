"""`postgres://`: a bus with LISTEN and NOTIFY.

NOTIFY is outside of transactions: within them, it would serialize all commits of the server.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import asyncpg

from adapters.bus.connected import CHANNEL, ConnectedBus
from adapters.database.postgres_url import PostgresUrl
from core.background import Background

_NOTIFY = f"SELECT pg_notify('{CHANNEL}', topic) FROM unnest($1::text[]) AS topic"  # noqa: S608 - a constant


class PostgresBus(ConnectedBus):
    """Sends and listens over one connection, with the options of the database URL."""

    connection_errors = (
        OSError,
        TimeoutError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
    )

    def __init__(self, url: PostgresUrl, deadline: float, background: Background) -> None:
        super().__init__(background)
        self._url = url
        self._deadline = deadline

    async def _connect(self) -> Any:
        async with asyncio.timeout(self._deadline):
            connection = await self._url.connect("bff-bus", self._deadline)
            try:
                connection.add_termination_listener(self._on_termination)
                await connection.add_listener(CHANNEL, self._on_notification)
            except BaseException:
                connection.terminate()
                raise
        return connection

    def _on_termination(self, _connection: Any) -> None:
        self._on_disconnect()

    def _on_notification(self, _connection: Any, _pid: int, _channel: str, topic: object) -> None:
        self._on_message(str(topic))

    def _is_closed(self, connection: Any) -> bool:
        return connection.is_closed()

    async def _send(self, connection: Any, topics: Iterable[str]) -> None:
        await connection.execute(_NOTIFY, list(topics), timeout=self._deadline)

    async def _check(self, connection: Any) -> None:
        await connection.execute("SELECT 1", timeout=self._deadline)

    async def _disconnect(self, connection: Any) -> None:
        connection.terminate()
