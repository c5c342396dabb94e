"""The connections to the nodes of a Redis cluster."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from adapters.bus.redis import connections_to
from adapters.bus.topology import ClusterNode, Topology, read_topology
from adapters.redis import REDIS_ERRORS
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import Endpoint, check, endpoint_of
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.link import CHECK_SECONDS, RedisLink
from adapters.redis_connection.outages import Outages
from core.background import Background

REFRESH_SECONDS = 15.0
"""Seconds between readings of the topology, if nothing says earlier that it has changed."""

_PAUSE = 0.1
_DEFAULT_PORT = 6379


class ClusterNodes:
    """Maintains a connection to each node. `on_refreshed` is called after each reading of the topology."""

    def __init__(self, url: str, deadline: float, outages: Outages, background: Background) -> None:
        self.on_refreshed: Callable[[], None] = lambda: None
        parts = urlsplit(url)
        self._seed = ClusterNode(parts.hostname or "", parts.port or _DEFAULT_PORT)
        self._url = parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()
        self.endpoint = endpoint_of(self._url)
        self._deadline = deadline
        self._outages = outages
        self._background = background
        self._topology = Topology(())
        self._links: dict[ClusterNode, RedisLink] = {}
        self._outdated = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = set[asyncio.Task[None]]()

    @property
    def is_started(self) -> bool:
        return self._task is not None

    @property
    def is_available(self) -> bool:
        """Whether there is a connection to every node."""
        links = self._links.values()
        return bool(links) and all(link.connection is not None for link in links)

    @property
    def failures(self) -> int:
        return self._outages.failures

    @property
    def longest_wait(self) -> float:
        return self._outages.longest_wait

    def start(self) -> None:
        """Begins to connect. Needs a running event loop."""
        if self._task is None:
            work = self._background.supervise(self._outages.purpose, self._maintain_topology)
            self._task = asyncio.create_task(work)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for link in self._links.values():
            await link.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def connection_for(self, key: bytes) -> PipelinedConnection:
        """Returns the connection to the node that has a key. Raises `StoreUnavailable` if there is none."""
        node = self.owner(key.decode())
        link = self._links.get(node) if node else None
        if link is not None and link.connection is not None:
            return link.connection
        self._outages.failures += 1
        raise StoreUnavailable("there is no connection to a node")

    def owner(self, key: str) -> ClusterNode | None:
        """Returns the node that has a key, as far as it is known."""
        return self._topology.owner(key)

    def endpoint_of(self, node: ClusterNode) -> Endpoint:
        return self.endpoint._replace(host=node.host, port=node.port)

    def note_change(self) -> None:
        """Has the topology read soon."""
        self._outdated.set()

    async def refresh(self) -> None:
        """Reads the topology. Raises one of `REDIS_ERRORS` if no node answers."""
        known = {self._seed, *self._topology.nodes}
        self._topology = await read_topology(known, self._connection_to, self._deadline)
        for node in self._links.keys() - self._topology.nodes:
            self._end(self._links.pop(node))
        for node in self._topology.nodes - self._links.keys():
            self._begin(node)
        self.on_refreshed()

    async def _maintain_topology(self) -> None:
        while True:
            self._outdated.clear()
            try:
                await self.refresh()
            except REDIS_ERRORS as error:
                self._outages.note(type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS if self._topology.nodes else CHECK_SECONDS):
                    await self._outdated.wait()
            await asyncio.sleep(_PAUSE)  # a slot that moves redirects many calls

    def _begin(self, node: ClusterNode) -> None:
        link = RedisLink(partial(self._connect, node), prepare_nothing, ping, self._outages)
        link.on_lost = self._outdated.set
        self._links[node] = link
        link.start(self._background)

    def _end(self, link: RedisLink) -> None:
        closing = asyncio.create_task(link.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _connect(self, node: ClusterNode) -> PipelinedConnection:
        connection = await self.endpoint_of(node).connect(self._deadline, self._outages)
        connection.on_moved = self._outdated.set
        return connection

    def _connection_to(self, node: ClusterNode) -> Any:
        return connections_to(self._url, self._deadline, {"host": node.host, "port": node.port, "db": 0})()


async def prepare_nothing(_connection: PipelinedConnection) -> None:
    """Does nothing: a server without a stream is ready when it is connected."""


async def ping(connection: PipelinedConnection) -> None:
    """Raises `StoreUnavailable` if the server does not answer."""
    check(await connection.call(("PING",)))
