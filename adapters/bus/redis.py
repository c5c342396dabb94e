"""`redis://`: PUBLISH and SUBSCRIBE."""

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
    """One client to send, one subscription to hear, and the task that hears."""

    client: Any
    heard: Any
    hearing: asyncio.Task[None]


class RedisBus(ConnectedBus):
    """One connection sends and another hears, since a connection that has subscribed can do nothing else."""

    lost = (OSError, TimeoutError, redis.exceptions.RedisError)

    def __init__(self, url: str, name: str, deadline: float, background: Background) -> None:
        super().__init__(background)
        self._url = url
        self._channel = f"{name}:{CHANNEL}"
        self._deadline = deadline

    async def _connect(self) -> Any:
        # A silent channel is no fault, so reading has no deadline; `_check` finds a server that is gone.
        client: Any = redis.asyncio.from_url(
            self._url, socket_connect_timeout=self._deadline, socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )
        heard: Any = client.pubsub(ignore_subscribe_messages=False)
        try:
            async with asyncio.timeout(self._deadline):
                await heard.subscribe(self._channel)
                await anext(heard.listen())
        except BaseException:
            await _close(client, heard)
            raise
        return _Connection(client, heard, asyncio.create_task(self._listen(heard)))

    async def _listen(self, heard: Any) -> None:
        try:
            async for message in heard.listen():
                if message["type"] == "message":
                    self._hear(message["data"].decode(errors="replace"))
        except self.lost:
            return
        finally:
            self._on_end()

    def _is_closed(self, connection: Any) -> bool:
        if connection.hearing.done():
            connection.hearing.result()
            return True
        return False

    async def _send(self, connection: Any, topics: Iterable[str]) -> None:
        async with asyncio.timeout(self._deadline):
            for topic in topics:
                await connection.client.publish(self._channel, topic)

    async def _check(self, connection: Any) -> None:
        async with asyncio.timeout(self._deadline):
            await connection.client.ping()
            await connection.heard.ping()

    async def _hang_up(self, connection: Any) -> None:
        connection.hearing.cancel()
        await asyncio.wait([connection.hearing])
        await _close(connection.client, connection.heard)


async def _close(client: Any, heard: Any) -> None:
    """Whatever state they are in: what is wrong with a connection that is given up is nobody's business."""
    for each in (heard, client):
        with suppress(*RedisBus.lost):
            await each.aclose()
