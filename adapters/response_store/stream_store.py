"""The part of a response store that is the same on one Redis server and on a cluster: the stream, values and locks."""

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable, Collection
from contextlib import suppress

import hiredis

from adapters.redis_connection.commands import Command
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import Endpoint
from adapters.redis_connection.outages import Outages
from adapters.response_store.base import Hold, ResponseStore, StoreUnavailable
from adapters.response_store.stream import AnnouncementStream, Connect
from adapters.response_store.tail import Tail


class Keys:
    """The keys of a store in Redis."""

    def __init__(self, name: str) -> None:
        self.stream = f"{name}:moves"
        self._value = f"{name}:response:".encode()
        self._lock = f"{name}:lock:"

    def value(self, key: str) -> bytes:
        return self._value + key.encode()

    def lock(self, key: str) -> bytes:
        return f"{self._lock}{key}".encode()


class StreamStore(ResponseStore):
    """Appends to a stream in Redis and follows it. Not available until it has read the stream."""

    def __init__(self, name: str, connect: Connect) -> None:
        self.tail = Tail()
        self._keys = Keys(name)
        self._outages = Outages("response store")
        self._stream = AnnouncementStream(self._keys.stream, self.tail, connect, self._outages)
        self._link = self._stream.link

    @property
    def failures(self) -> int:
        return self._outages.failures

    @property
    def is_available(self) -> bool:
        self._start()
        return self._link.connection is not None and time.monotonic() < self._stream.leased_until

    @property
    def longest_wait(self) -> float:
        """The longest time in seconds that calls waited for a server that did not answer."""
        return self._outages.longest_wait

    def refresh(self) -> Awaitable[object]:
        return (self._link.connection or self._stream_connection()).refresh()

    async def write(self, key: str, value: bytes, milliseconds: int) -> None:
        stored = self._keys.value(key)
        with suppress(StoreUnavailable):
            await self._call(stored, ("SET", stored, value, "PX", max(milliseconds, 1)))

    async def acquire(self, key: str, milliseconds: int) -> bool:
        lock = self._keys.lock(key)
        return await self._call(lock, ("SET", lock, 1, "NX", "PX", max(milliseconds, 1))) is not None

    async def release(self, key: str) -> None:
        lock = self._keys.lock(key)
        with suppress(StoreUnavailable):
            await self._call(lock, ("DEL", lock))

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

    @abstractmethod
    def is_at(self, endpoint: Endpoint, *, is_cluster: bool) -> bool:
        """Returns whether the store is on this server, or on this cluster."""

    @abstractmethod
    def connection_for(self, key: bytes) -> PipelinedConnection:
        """Returns the connection with which responses of the server are read that has a key.

        Commands of other engines travel with the reads of the same turn. Raises `StoreUnavailable` without one.
        """

    @abstractmethod
    def note_change(self) -> None:
        """Notes that another server has a key than the one that was asked."""

    @abstractmethod
    def _start(self) -> None:
        """Begins to connect, unless it has begun. Needs a running event loop."""

    @abstractmethod
    async def _call(self, key: bytes, command: Command) -> object:
        """Returns the reply of the server that has a key. Raises `StoreUnavailable`."""

    def _start_in_loop(self) -> None:
        """Begins to connect. Without a running event loop, the first call does."""
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            self._start()

    def _stream_connection(self) -> PipelinedConnection:
        """Returns the connection that follows the stream. Raises `StoreUnavailable` if there is none."""
        if self.is_available and self._link.connection is not None:
            return self._link.connection
        self._outages.failures += 1
        raise StoreUnavailable("there is no connection to the stream")


def reply_or_raise(reply: object, outages: Outages) -> object:
    """Returns a reply. Counts an error, such as that of a full server, and raises it as `StoreUnavailable`."""
    if isinstance(reply, hiredis.ReplyError):
        outages.failures += 1
        raise StoreUnavailable(str(reply).partition(" ")[0])
    return reply
