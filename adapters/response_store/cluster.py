"""`redis+cluster://`: a response store whose responses are spread over the nodes of a cluster.

One node has the stream. A read asks the node of the response and the node of the stream at the same time. A node that
does not answer costs the responses that it has; without the node of the stream the store is not available.
"""

import asyncio
from collections.abc import Awaitable

from adapters.bus.topology import ClusterNode
from adapters.redis_connection.cluster import ClusterNodes
from adapters.redis_connection.commands import Command
from adapters.redis_connection.connection import PipelinedConnection, is_moved
from adapters.redis_connection.endpoint import Endpoint
from adapters.response_store.base import StoreUnavailable
from adapters.response_store.follower import Follower
from adapters.response_store.stream_store import StreamStore, reply_or_raise
from core.background import Background


class ClusterStore(StreamStore):
    """Maintains a connection to each node for responses, and another one to the node that has the stream."""

    def __init__(self, url: str, name: str, deadline: float) -> None:
        super().__init__(name, self._connect_stream)
        self._deadline = deadline
        self._background = Background()
        self._nodes = ClusterNodes(url, deadline, self._outages, self._background)
        self._nodes.on_refreshed = self._check_stream
        self._stream_node: ClusterNode | None = None
        self._start_in_loop()

    def is_at(self, endpoint: Endpoint, *, is_cluster: bool) -> bool:
        return is_cluster and self._nodes.endpoint.is_same_as(endpoint)

    def read(self, key: str) -> Awaitable[bytes | None]:
        return self._read(self._keys.value(key))

    def connection_for(self, key: bytes) -> PipelinedConnection:
        self._stream_connection()
        return self._nodes.connection_for(key)

    def note_change(self) -> None:
        self._nodes.note_change()

    async def close(self) -> None:
        await super().close()
        await self._nodes.close()

    async def _read(self, key: bytes) -> bytes | None:
        stream, node = self._stream_connection(), self._nodes.connection_for(key)
        value, refreshed = await asyncio.gather(node.read(key), stream.refresh(), return_exceptions=True)
        for result in (value, refreshed):
            if isinstance(result, BaseException):
                raise result
        return value  # pyright: ignore[reportReturnType] - not an exception

    async def _call(self, key: bytes, command: Command) -> object:
        reply = await self.connection_for(key).call(command)
        if is_moved(reply):
            self._nodes.note_change()
        return reply_or_raise(reply, self._outages)

    def _start(self) -> None:
        if not self._nodes.is_started:
            self._nodes.start()
            self._link.start(self._background)

    def _check_stream(self) -> None:
        stream = self._link.connection
        if stream is not None and self._nodes.owner(self._keys.stream) != self._stream_node:
            stream.drop("the stream has moved")

    async def _connect_stream(self, follower: Follower) -> PipelinedConnection:
        await self._nodes.refresh()
        node = self._nodes.owner(self._keys.stream)
        if node is None:
            raise StoreUnavailable("no node has the stream")
        self._stream_node = node
        return await self._nodes.endpoint_of(node).connect(self._deadline, self._outages, follower)
