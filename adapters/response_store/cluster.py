"""`redis+cluster://`: a response store whose responses are spread over the nodes of a cluster.

One node has the stream. A read asks the node of the response and the node of the stream at the same time. A node that
does not answer costs the responses that it has; without the node of the stream the store is not available.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from adapters.bus.redis import connections_to
from adapters.bus.topology import ClusterNode, Topology, read_topology
from adapters.redis import REDIS_ERRORS
from adapters.response_store.base import StoreUnavailable
from adapters.response_store.connection import PipelinedConnection, is_moved
from adapters.response_store.endpoint import check, endpoint_of
from adapters.response_store.entries import Command
from adapters.response_store.follower import Follower
from adapters.response_store.link import CHECK_SECONDS, StoreLink
from adapters.response_store.stream_store import StreamStore, reply_or_raise
from core.background import Background

REFRESH_SECONDS = 15.0
"""Seconds between readings of the topology, if nothing says earlier that it has changed."""

_PAUSE = 0.1
_DEFAULT_PORT = 6379


class ClusterStore(StreamStore):
    """Maintains a connection to each node for responses, and another one to the node that has the stream."""

    def __init__(self, url: str, name: str, deadline: float) -> None:
        super().__init__(name, self._connect_stream)
        parts = urlsplit(url)
        self._seed = ClusterNode(parts.hostname or "", parts.port or _DEFAULT_PORT)
        self._url = parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()
        self._endpoint = endpoint_of(self._url)
        self._deadline = deadline
        self._background = Background()
        self._topology = Topology(())
        self._nodes: dict[ClusterNode, StoreLink] = {}
        self._stream_node: ClusterNode | None = None
        self._outdated = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = set[asyncio.Task[None]]()
        self._start_in_loop()

    def read(self, key: str) -> Awaitable[bytes | None]:
        return self._read(self._keys.value(key))

    async def close(self) -> None:
        await super().close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for link in self._nodes.values():
            await link.close()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _read(self, key: bytes) -> bytes | None:
        stream, node = self._stream_connection(), self._connection_for(key)
        value, refreshed = await asyncio.gather(node.read(key), stream.refresh(), return_exceptions=True)
        for result in (value, refreshed):
            if isinstance(result, BaseException):
                raise result
        return value  # pyright: ignore[reportReturnType] - not an exception

    async def _call(self, key: bytes, command: Command) -> object:
        self._stream_connection()
        reply = await self._connection_for(key).call(command)
        if is_moved(reply):
            self._outdated.set()
        return reply_or_raise(reply, self._outages)

    def _connection_for(self, key: bytes) -> PipelinedConnection:
        node = self._topology.owner(key.decode())
        link = self._nodes.get(node) if node else None
        if link is not None and link.connection is not None:
            return link.connection
        self._outages.failures += 1
        raise StoreUnavailable("there is no connection to a node")

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._background.supervise("response store", self._maintain_topology))
            self._link.start(self._background)

    async def _maintain_topology(self) -> None:
        while True:
            self._outdated.clear()
            try:
                await self._refresh()
            except REDIS_ERRORS as error:
                self._outages.note(type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS if self._topology.nodes else CHECK_SECONDS):
                    await self._outdated.wait()
            await asyncio.sleep(_PAUSE)  # a slot that moves redirects many calls

    async def _refresh(self) -> None:
        """Reads the topology. Raises one of `REDIS_ERRORS` if no node answers."""
        known = {self._seed, *self._topology.nodes}
        self._topology = await read_topology(known, self._connection_to, self._deadline)
        for node in self._nodes.keys() - self._topology.nodes:
            self._end(self._nodes.pop(node))
        for node in self._topology.nodes - self._nodes.keys():
            self._begin(node)
        stream = self._link.connection
        if stream is not None and self._topology.owner(self._keys.stream) != self._stream_node:
            stream.drop("the stream has moved")

    def _begin(self, node: ClusterNode) -> None:
        link = StoreLink(partial(self._connect_node, node), _prepare_nothing, _ping, self._outages)
        link.on_lost = self._outdated.set
        self._nodes[node] = link
        link.start(self._background)

    def _end(self, link: StoreLink) -> None:
        closing = asyncio.create_task(link.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _connect_node(self, node: ClusterNode) -> PipelinedConnection:
        connection = await self._endpoint_of(node).connect(self._deadline, self._outages)
        connection.on_moved = self._outdated.set
        return connection

    async def _connect_stream(self, follower: Follower) -> PipelinedConnection:
        await self._refresh()
        node = self._topology.owner(self._keys.stream)
        if node is None:
            raise StoreUnavailable("no node has the stream")
        self._stream_node = node
        return await self._endpoint_of(node).connect(self._deadline, self._outages, follower)

    def _endpoint_of(self, node: ClusterNode) -> Any:
        return self._endpoint._replace(host=node.host, port=node.port)

    def _connection_to(self, node: ClusterNode) -> Any:
        return connections_to(self._url, self._deadline, {"host": node.host, "port": node.port, "db": 0})()


async def _prepare_nothing(_connection: PipelinedConnection) -> None:
    """Does nothing: a node without the stream is ready when it is connected."""


async def _ping(connection: PipelinedConnection) -> None:
    check(await connection.call(("PING",)))
