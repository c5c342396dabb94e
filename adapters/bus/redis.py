"""`redis://`: a bus with PUBLISH and SUBSCRIBE."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis.asyncio
import redis.exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.bus.connected import CHANNEL, ConnectedBus
from core.background import Background


@dataclass(frozen=True, slots=True)
class _Connection:
    """A client that sends, a subscription that receives, and the task that reads it."""

    client: Any
    subscription: Any
    reader: asyncio.Task[None]


class RedisBus(ConnectedBus):
    """Sends over one connection and receives over another, since a subscribed connection cannot send."""

    connection_errors = (OSError, TimeoutError, redis.exceptions.RedisError)

    def __init__(self, url: str, name: str, deadline: float, background: Background) -> None:
        super().__init__(background)
        self._url = url
        self._channel = f"{name}:{CHANNEL}"
        self._deadline = deadline

    async def _connect(self) -> Any:
        # A channel without messages is normal, so reading has no deadline. `_check` detects a lost server.
        client: Any = redis.asyncio.from_url(
            self._url, socket_connect_timeout=self._deadline, socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )
        subscription: Any = client.pubsub(ignore_subscribe_messages=False)
        try:
            async with asyncio.timeout(self._deadline):
                await subscription.subscribe(self._channel)
                await anext(subscription.listen())
        except BaseException:
            await _close(client, subscription)
            raise
        return _Connection(client, subscription, asyncio.create_task(self._listen(subscription)))

    async def _listen(self, subscription: Any) -> None:
        try:
            async for message in subscription.listen():
                if message["type"] == "message":
                    self._on_message(message["data"].decode(errors="replace"))
        except self.connection_errors:
            return
        finally:
            self._on_disconnect()

    def _is_closed(self, connection: Any) -> bool:
        if connection.reader.done():
            connection.reader.result()
            return True
        return False

    async def _send(self, connection: Any, topics: Iterable[str]) -> None:
        async with asyncio.timeout(self._deadline):
            for topic in topics:
                await connection.client.publish(self._channel, topic)

    async def _check(self, connection: Any) -> None:
        async with asyncio.timeout(self._deadline):
            await connection.client.ping()
            await connection.subscription.ping()

    async def _disconnect(self, connection: Any) -> None:
        connection.reader.cancel()
        await asyncio.wait([connection.reader])
        await _close(connection.client, connection.subscription)


async def _close(client: Any, subscription: Any) -> None:
    """Closes both in any state, and suppresses their errors."""
    for resource in (subscription, client):
        with suppress(*RedisBus.connection_errors):
            await resource.aclose()
