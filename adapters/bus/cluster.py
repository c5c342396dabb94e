"""`redis+cluster://`: a bus with SPUBLISH and SSUBSCRIBE, whose channels are spread over the nodes of a cluster.

This bus has a link to each node. When a link is lost or a node redirects it, the bus reads the topology again. It does
not use redis-py's `ClusterPubSub`, which reads one node after another, and does not tell when it has connected again.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from adapters.bus.base import Bus
from adapters.bus.link import Backoff, BusConnection, Driver, Link, no_wakes
from adapters.bus.redis import REDIS_ERRORS, connections_to, open_connection, sharded_channels
from adapters.bus.topology import ClusterNode, Topology, read_topology
from core.background import Background
from core.cancellation import raise_if_cancelled

logger = logging.getLogger(__name__)

_REFRESH_SECONDS = 15.0
_DEFAULT_PORT = 6379


class ClusterBus(Bus):
    """Maintains a link to each node, and gives each the topics whose channels the node owns."""

    def __init__(self, url: str, prefix: str, deadline: float, background: Background) -> None:
        super().__init__()
        parts = urlsplit(url)
        self._seed = ClusterNode(parts.hostname or "", parts.port or _DEFAULT_PORT)
        self._url = parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()
        self._channels = sharded_channels(prefix)
        self._deadline = deadline
        self._background = background
        self._topology = Topology(())
        self._links: dict[ClusterNode, Link] = {}
        self._unowned = no_wakes()
        self._tasks: dict[ClusterNode, asyncio.Task[None]] = {}
        self._ending = set[asyncio.Task[None]]()
        self._refreshing: asyncio.Task[None] | None = None
        self._outdated = asyncio.Event()

    @property
    def reaches_other_processes(self) -> bool:
        owned = all(self._owner(topic) is not None for topic in self._followed_topics)
        return owned and bool(self._links) and all(link.is_connected for link in self._links.values())

    def _owner(self, topic: str) -> ClusterNode | None:
        return self._topology.owner(self._channels.prefix + topic)

    def _wake_elsewhere(self, topic: str, keys: Collection[str]) -> None:
        self._ensure_started()
        owner = self._owner(topic)
        if owner is None:
            self._unowned.add(topic, keys)
        else:
            self._links[owner].pending.add(topic, keys)
            self._links[owner].notify()

    def _on_topics_changed(self) -> None:
        self._ensure_started()
        for link in self._links.values():
            link.notify()

    def _ensure_started(self) -> None:
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._background.supervise("bus", self._maintain_topology))

    async def close(self) -> None:
        for task in (tasks := self._all_tasks()):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _all_tasks(self) -> set[asyncio.Task[None]]:
        return {*self._tasks.values(), *self._ending, *([self._refreshing] if self._refreshing else [])}

    async def _maintain_topology(self) -> None:
        """Reads the topology periodically, and when a link was lost."""
        loop, backoff = asyncio.get_running_loop(), Backoff()
        while True:
            began = loop.time()
            self._outdated.clear()
            if await self._refresh():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_REFRESH_SECONDS):
                        await self._outdated.wait()
            raise_if_cancelled()
            await backoff.pause(loop.time() - began)

    async def _refresh(self) -> bool:
        """Returns whether a node returned the topology."""
        nodes = {self._seed, *self._topology.nodes}
        try:
            topology = await read_topology(nodes, lambda node: self._connections_to(node)(), self._deadline)
        except REDIS_ERRORS as error:
            logger.warning("the bus cannot read the topology of the cluster: %s", type(error).__name__)
            return False
        self._apply(topology)
        return True

    def _apply(self, topology: Topology) -> None:
        """Gives topics and pending wake-ups to the links of their nodes."""
        self._topology = topology
        unsent = [self._unowned.take(), *(link.pending.take() for link in self._links.values())]
        for node in self._links.keys() - topology.nodes:
            self._end(node)
        for node in topology.nodes - self._links.keys():
            self._begin(node)
        for wakes in unsent:
            self._distribute(wakes)
        self._on_topics_changed()

    def _distribute(self, wakes: Mapping[str, Collection[str]]) -> None:
        for topic, keys in wakes.items():
            self._wake_elsewhere(topic, keys)

    def _begin(self, node: ClusterNode) -> None:
        driver = Driver(partial(self._connect, node), REDIS_ERRORS)
        link = Link(driver, partial(self._topics_of, node), self._wake_here, self._outdated.set)
        self._links[node] = link
        self._tasks[node] = asyncio.create_task(self._background.supervise("bus", link.run))

    def _end(self, node: ClusterNode) -> None:
        link, task = self._links.pop(node), self._tasks.pop(node)

        def on_end(task: asyncio.Task[None]) -> None:
            self._ending.discard(task)
            self._distribute(link.pending.take())

        self._ending.add(task)
        task.add_done_callback(on_end)
        task.cancel()

    def _topics_of(self, node: ClusterNode) -> AbstractSet[str]:
        return {topic for topic in self._followed_topics if self._owner(topic) == node}

    async def _connect(self, node: ClusterNode, link: Link) -> BusConnection:
        return await open_connection(self._connections_to(node), self._channels, self._deadline, link)

    def _connections_to(self, node: ClusterNode) -> Callable[[], Any]:
        return connections_to(self._url, self._deadline, {"host": node.host, "port": node.port, "db": 0})
