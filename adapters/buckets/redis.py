"""`redis://`: buckets of all processes, in Redis or Valkey, by one script in one round trip.

The script uses the time of Redis, so the clocks of processes do not matter. On a cluster, the buckets of a user and
those of a client address may be on two nodes, which are asked at the same time.
"""

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import suppress
from typing import Any, Protocol

import hiredis

from adapters.buckets.base import Bucket, BucketGroup, Buckets, Taken
from adapters.buckets.memory import MemoryBuckets
from adapters.buckets.script import PackedCall, packed_charges
from adapters.redis_connection.connection import PipelinedConnection, is_moved
from adapters.redis_connection.errors import StoreUnavailable

MAX_CHARGES = 200
"""The buckets that one call charges."""


class Servers(Protocol):
    """One Redis, or the nodes of a cluster."""

    @property
    def is_available(self) -> bool: ...
    @property
    def failures(self) -> int: ...
    @property
    def longest_wait(self) -> float: ...
    def connection_for(self, key: bytes) -> PipelinedConnection:
        """Returns the connection to the server that has a key. Raises `StoreUnavailable` if there is none."""
        ...

    def note_change(self) -> None:
        """Notes that another server has a key than the one that was asked."""
        ...


class RedisGroup(BucketGroup):
    """The buckets of one caller, and the calls for them: one for each hash tag on a cluster."""

    __slots__ = ("calls", "offsets")

    def __init__(self, buckets: Sequence[Bucket], prefix: str, *, is_cluster: bool) -> None:
        super().__init__(buckets)
        parts: dict[str, list[Bucket]] = {}
        for bucket in buckets:
            parts.setdefault(_tag(bucket.key) if is_cluster else "", []).append(bucket)
        self.buckets = tuple(bucket for part in parts.values() for bucket in part)
        self.calls = tuple(PackedCall(part, prefix) for part in parts.values())
        self.offsets = [self.buckets.index(part[0]) for part in parts.values()]


class RedisBuckets(Buckets):
    """Decides at once, without Redis, while there is no connection: each process then counts by itself.

    Without an answer the connection is dropped, and it is replaced in the background. What the process has counted by
    itself is not counted in Redis afterwards.
    """

    def __init__(
        self,
        servers: Servers,
        name: str,
        *,
        is_cluster: bool,
        start: Callable[[], None] = lambda: None,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._servers = servers
        self._prefix = f"{name}:bucket:"
        self._is_cluster = is_cluster
        self._start = start
        self._close = close
        self.local = MemoryBuckets()

    @property
    def is_available(self) -> bool:
        self._start()
        return self._servers.is_available

    @property
    def failures(self) -> int:
        """The number of calls that Redis did not answer. Those on the connection of the response store count there."""
        return self._servers.failures if self._close is not None else 0

    @property
    def longest_wait(self) -> float:
        return self._servers.longest_wait

    def group(self, buckets: Sequence[Bucket]) -> RedisGroup:
        return RedisGroup(buckets, self._prefix, is_cluster=self._is_cluster)

    def take(self, group: BucketGroup, cost: int, taken: int = 0) -> Taken | Awaitable[Taken]:
        assert isinstance(group, RedisGroup)  # noqa: S101 - of `group`
        self._start()
        try:
            futures = [self._call(call, call.take(cost, taken)) for call in group.calls]
        except StoreUnavailable:
            return self.local.take(group, cost, taken)
        return _Decision(self, group, (cost, taken), futures)

    def put_back(self, group: BucketGroup, taken: int, kept: int) -> None:
        assert isinstance(group, RedisGroup)  # noqa: S101 - of `group`
        try:
            for call in group.calls:
                self._servers.connection_for(call.first_key).send(call.put_back(taken, kept))
        except StoreUnavailable:
            self.local.put_back(group, taken, kept)

    def charge(self, charges: Sequence[tuple[Bucket, int]]) -> None:
        self._start()
        parts: dict[str, list[tuple[Bucket, int]]] = {}
        for number, charge in enumerate(charges):
            tag = _tag(charge[0].key) if self._is_cluster else str(number // MAX_CHARGES)
            parts.setdefault(tag, []).append(charge)
        for part in parts.values():
            try:
                key = f"{self._prefix}{part[0][0].key}".encode()
                self._servers.connection_for(key).send(packed_charges(part, self._prefix))
            except StoreUnavailable:
                self.local.charge(part)

    async def close(self) -> None:
        if self._close is not None:
            await self._close()

    def _call(self, call: PackedCall, packed: bytes) -> Awaitable[Any]:
        return self._servers.connection_for(call.first_key).call_packed(packed)

    async def decide(self, group: RedisGroup, cost: int, taken: int, replies: Sequence[Any]) -> Taken:
        """Returns the decision with the replies of all calls, at least one of which is an error or a part."""
        try:
            complete = [
                await self._call(call, call.take_with_script(cost, taken)) if _has_no_script(reply) else reply
                for call, reply in zip(group.calls, replies, strict=True)
            ]
        except StoreUnavailable:
            return self.local.take(group, cost, taken)
        if any(isinstance(reply, hiredis.ReplyError) for reply in complete):
            if any(map(is_moved, complete)):
                self._servers.note_change()
            return self.local.take(group, cost, taken)
        parts = [Taken(*reply) for reply in complete]
        if all(part.admitted for part in parts) or len(parts) == 1:
            return _combined(parts, group.offsets)
        with suppress(StoreUnavailable):  # then the cost of a rejected request stays taken
            for call, part in zip(group.calls, parts, strict=True):
                if part.admitted:  # another node has rejected
                    self._servers.connection_for(call.first_key).send(call.put_back(cost, taken))
        return _combined(parts, group.offsets)


class _Decision:
    """A decision that is awaited. The calls have begun."""

    __slots__ = ("_buckets", "_costs", "_futures", "_group")

    def __init__(
        self, buckets: RedisBuckets, group: RedisGroup, costs: tuple[int, int], futures: list[Awaitable[Any]]
    ) -> None:
        self._buckets = buckets
        self._group = group
        self._costs = costs
        self._futures = futures

    def __await__(self) -> Generator[Any, None, Taken]:
        try:
            replies: list[Any] = []
            for future in self._futures:
                reply = yield from future.__await__()
                replies.append(reply)
        except StoreUnavailable:
            return self._buckets.local.take(self._group, *self._costs)
        if len(replies) == 1 and type(replies[0]) is list:
            return Taken(*replies[0])
        return (yield from self._buckets.decide(self._group, *self._costs, replies).__await__())


def _combined(parts: Sequence[Taken], offsets: Sequence[int]) -> Taken:
    """Returns the decision of all nodes: that of the longest wait, or of the least room."""
    placed = [part._replace(tightest=part.tightest + offset) for part, offset in zip(parts, offsets, strict=True)]
    return max(placed, key=lambda part: (part.wait, -part.remaining))


def _has_no_script(reply: object) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith("NOSCRIPT")


def _tag(key: str) -> str:
    """Returns the part of a key in braces."""
    return key.partition("{")[2].partition("}")[0]
