"""`postgres://`: a bus with LISTEN and NOTIFY, and a channel for each topic.

NOTIFY is outside of transactions: within them, it would serialize all commits of the server.
"""

import asyncio
from collections.abc import Collection
from typing import Any

import asyncpg

from adapters.bus.link import BusConnection, Driver, Link
from adapters.bus.wakes import Message
from adapters.database.postgres_url import PostgresUrl

_NOTIFY = "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS message (channel, payload)"

_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def postgres_driver(url: PostgresUrl, prefix: str, deadline: float) -> Driver:
    """Returns a driver that connects with the options of the database URL. Calls have a deadline in seconds.

    `prefix` begins the names of channels, which have at most 63 characters.
    """

    async def connect(link: Link) -> BusConnection:
        async with asyncio.timeout(deadline):
            connection = await url.connect("bff-bus", deadline)
        return _PostgresConnection(connection, link, prefix, deadline)

    return Driver(connect, _ERRORS)


class _PostgresConnection(BusConnection):
    """Sends and listens over one connection."""

    def __init__(self, connection: Any, link: Link, prefix: str, deadline: float) -> None:
        self._connection = connection
        self._link = link
        self._prefix = prefix
        self._deadline = deadline
        connection.add_termination_listener(self._on_termination)

    def raise_if_closed(self) -> None:
        if self._connection.is_closed():
            raise ConnectionError

    async def subscribe(self, topics: Collection[str]) -> None:
        for topic in topics:
            async with asyncio.timeout(self._deadline):
                await self._connection.add_listener(self._prefix + topic, self._on_notification)

    async def unsubscribe(self, topics: Collection[str]) -> None:
        for topic in topics:
            async with asyncio.timeout(self._deadline):
                await self._connection.remove_listener(self._prefix + topic, self._on_notification)

    async def send(self, messages: Collection[Message]) -> None:
        channels = [self._prefix + message.topic for message in messages]
        payloads = [message.payload for message in messages]
        await self._connection.execute(_NOTIFY, channels, payloads, timeout=self._deadline)

    async def check(self) -> None:
        await self._connection.execute("SELECT 1", timeout=self._deadline)

    async def close(self) -> None:
        self._connection.terminate()

    def _on_termination(self, _connection: Any) -> None:
        self._link.notify()

    def _on_notification(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._link.on_message(channel.removeprefix(self._prefix), str(payload))
