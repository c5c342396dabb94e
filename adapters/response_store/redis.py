"""`redis://`: a response store for all processes, in one Redis or Valkey.

A read is one round trip on one pipelined connection, which it shares with all reads of the same turn of the event loop.
Use a `maxmemory-policy` that evicts, such as `allkeys-lru`. If the stream is evicted, all responses are outdated.
"""

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress

import hiredis

from adapters.response_store.base import Hold, ResponseStore, StoreUnavailable
from adapters.response_store.connection import PipelinedConnection
from adapters.response_store.endpoint import endpoint_of
from adapters.response_store.entries import Command
from adapters.response_store.follower import Follower
from adapters.response_store.outages import Outages
from adapters.response_store.stream import InvalidationStream
from adapters.response_store.tail import Tail
from core.background import Background


class Keys:
    """The keys of a store in Redis."""

    def __init__(self, name: str) -> None:
        self.stream = f"{name}:moves"
        self._value = f"{name}:response:".encode()
        self._lock = f"{name}:lock:"

    def value(self, key: str) -> bytes:
        return self._value + key.encode()

    def lock(self, key: str) -> str:
        return self._lock + key


class RedisStore(ResponseStore):
    """Connects in the background, and is not available until it has read the stream."""

    def __init__(self, url: str, name: str, deadline: float) -> None:
        self.tail = Tail()
        self._keys = Keys(name)
        self._deadline = deadline
        self._endpoint = endpoint_of(url)
        self._outages = Outages()
        self._stream = InvalidationStream(self._keys.stream, self.tail, self._connect, self._outages)
        self._link = self._stream.link
        with suppress(RuntimeError):  # without an event loop, the first call connects
            asyncio.get_running_loop()
            self._start()

    @property
    def failures(self) -> int:
        return self._outages.failures

    @property
    def is_available(self) -> bool:
        self._start()
        return self._link.connection is not None

    def read(self, key: str) -> Awaitable[bytes | None]:
        connection = self._link.connection or self._connection()
        return connection.read(self._keys.value(key))

    def refresh(self) -> Awaitable[object]:
        return (self._link.connection or self._connection()).refresh()

    async def write(self, key: str, value: bytes, milliseconds: int) -> None:
        with suppress(StoreUnavailable):
            await self._call(("SET", self._keys.value(key), value, "PX", max(milliseconds, 1)))

    async def acquire(self, key: str, milliseconds: int) -> bool:
        return await self._call(("SET", self._keys.lock(key), 1, "NX", "PX", max(milliseconds, 1))) is not None

    async def release(self, key: str) -> None:
        with suppress(StoreUnavailable):
            await self._call(("DEL", self._keys.lock(key)))

    async def announce(self, tags: Collection[str]) -> bool:
        self._start()
        return await self._stream.announce(tags)

    async def hold(self, tags: Collection[str], seconds: float) -> Hold:
        self._start()
        return await self._stream.hold(tags, seconds)

    async def confirm(self, hold: Hold) -> bool:
        self._start()
        return await self._stream.confirm(hold)

    async def close(self) -> None:
        await self._stream.close()

    def _start(self) -> None:
        if not self._link.is_started:
            self._link.start(Background())

    async def _connect(self, follower: Follower) -> PipelinedConnection:
        return await self._endpoint.connect(self._deadline, self._outages, follower)

    def _connection(self) -> PipelinedConnection:
        """Returns the connection. Raises `StoreUnavailable` if there is none."""
        if self.is_available and self._link.connection is not None:
            return self._link.connection
        self._outages.failures += 1
        raise StoreUnavailable("there is no connection")

    async def _call(self, command: Command) -> object:
        """Returns the reply. Raises `StoreUnavailable`."""
        return reply_or_raise(await self._connection().call(command), self._outages)


def reply_or_raise(reply: object, outages: Outages) -> object:
    """Returns a reply. Counts an error, such as that of a full server, and raises it as `StoreUnavailable`."""
    if isinstance(reply, hiredis.ReplyError):
        outages.failures += 1
        raise StoreUnavailable(str(reply).partition(" ")[0])
    return reply
