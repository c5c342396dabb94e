"""The nodes of a Redis cluster, and which of them owns a channel."""

import asyncio
import math
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import redis.exceptions
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from adapters.bus.redis import REDIS_ERRORS


class ClusterNode(NamedTuple):
    """The address of a primary node."""

    host: str
    port: int


class Topology:
    """The ranges of slots that nodes own. A slot may have no owner while the cluster changes."""

    def __init__(self, ranges: Iterable[tuple[int, int, ClusterNode]]) -> None:
        self._owners: list[ClusterNode | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, node in ranges:
            self._owners[first : last + 1] = [node] * (last + 1 - first)
        self.nodes = frozenset(node for node in self._owners if node is not None)

    def owner(self, channel: str) -> ClusterNode | None:
        return self._owners[key_slot(channel.encode())]


async def read_topology(
    nodes: Iterable[ClusterNode], connection_to: Callable[[ClusterNode], Any], deadline: float
) -> Topology:
    """Returns what the first node says that answers within the deadline. Raises one of `REDIS_ERRORS` if none does."""
    last_error: Exception = redis.exceptions.RedisClusterException("the cluster has no nodes")
    for node in _in_random_order(nodes):
        try:
            async with asyncio.timeout(deadline):
                return await _ask(connection_to(node), node)
        except REDIS_ERRORS as error:
            last_error = error
    raise last_error


def _in_random_order(nodes: Iterable[ClusterNode]) -> list[ClusterNode]:
    ordered = list(set(nodes))
    random.shuffle(ordered)
    return ordered


async def _ask(connection: Any, node: ClusterNode) -> Topology:
    try:
        await connection.connect()
        await connection.send_command("CLUSTER", "SLOTS", check_health=False)
        ranges = await connection.read_response(timeout=math.inf)
    finally:
        with suppress(*REDIS_ERRORS):
            await connection.disconnect(nowait=True)
    # A node that does not know its own address leaves it out.
    return Topology(
        (first, last, ClusterNode((primary[0] or b"").decode() or node.host, primary[1]))
        for first, last, primary, *_ in ranges
    )
