"""`redis://`: a response store for all processes, in one Redis or Valkey.

A read is one round trip on one pipelined connection, which it shares with all reads of the same turn of the event loop.
Use a `maxmemory-policy` that evicts, such as `allkeys-lru`. If the stream is evicted, all responses are outdated.
"""

from collections.abc import Awaitable

from adapters.redis_connection.commands import Command
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import Endpoint, endpoint_of
from adapters.response_store.follower import Follower
from adapters.response_store.stream_store import StreamStore, reply_or_raise
from core.background import Background


class RedisStore(StreamStore):
    """Connects in the background, and is not available until it has read the stream."""

    def __init__(self, url: str, name: str, deadline: float) -> None:
        super().__init__(name, self._connect)
        self._deadline = deadline
        self._endpoint = endpoint_of(url)
        self._start_in_loop()

    def is_at(self, endpoint: Endpoint, *, is_cluster: bool) -> bool:
        return not is_cluster and self._endpoint.is_same_as(endpoint)

    def connection_for(self, key: bytes) -> PipelinedConnection:  # noqa: ARG002 - one server has all keys
        return self._link.connection or self._stream_connection()

    def note_change(self) -> None:
        """Does nothing: keys of one server do not move."""

    def read(self, key: str) -> Awaitable[bytes | None]:
        connection = self._link.connection or self._stream_connection()
        return connection.read(self._keys.value(key))

    def _start(self) -> None:
        if not self._link.is_started:
            self._link.start(Background())

    async def _connect(self, follower: Follower) -> PipelinedConnection:
        return await self._endpoint.connect(self._deadline, self._outages, follower)

    async def _call(self, key: bytes, command: Command) -> object:  # noqa: ARG002 - one server has all keys
        return reply_or_raise(await self._stream_connection().call(command), self._outages)
