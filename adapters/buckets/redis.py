"""`redis://`: buckets of all processes, in Redis or Valkey, by one script in one round trip.

The script uses the time of Redis, so the clocks of processes do not matter. On a cluster, the buckets of a user and
those of a client address may be on two nodes, which are asked at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import hiredis

from adapters.buckets.base import Bucket, BucketGroup, Buckets, OnEmpty, Taken
from adapters.buckets.memory import MemoryBuckets
from adapters.buckets.script import PackedCall, packed_charges
from adapters.redis_connection.connection import PipelinedConnection, is_moved
from adapters.redis_connection.errors import StoreUnavailable

_UNIT = (1, 0)
"""The cost that every request takes, and that nothing was taken before."""

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

    __slots__ = ("calls", "offsets", "parts")

    def __init__(self, buckets: Sequence[Bucket], prefix: str, *, is_cluster: bool) -> None:
        super().__init__(buckets)
        parts: dict[str, list[Bucket]] = {}
        for bucket in buckets:
            parts.setdefault(_tag(bucket.key) if is_cluster else "", []).append(bucket)
        self.buckets = tuple(bucket for part in parts.values() for bucket in part)
        self.parts = tuple(BucketGroup(part) for part in parts.values())
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
        servers, calls = self._servers, group.calls
        try:
            if len(calls) == 1:
                futures = [servers.connection_for(calls[0].first_key).call_packed(calls[0].take(cost, taken))]
            else:
                connections = [servers.connection_for(call.first_key) for call in calls]
                pairs = zip(connections, calls, strict=True)
                futures = [connection.call_packed(call.take(cost, taken)) for connection, call in pairs]
        except StoreUnavailable:
            return self.local.take(group, cost, taken)
        return _Decision(self, group, (cost, taken), futures)

    def put_back(self, group: BucketGroup, taken: int, kept: int) -> None:
        assert isinstance(group, RedisGroup)  # noqa: S101 - of `group`
        for call, part in zip(group.calls, group.parts, strict=True):
            try:
                self._servers.connection_for(call.first_key).send(call.put_back(taken, kept))
            except StoreUnavailable:
                self.local.put_back(part, taken, kept)

    def charge(self, charges: Sequence[tuple[Bucket, int]], on_empty: OnEmpty) -> None:
        self._start()
        parts: dict[str, list[tuple[Bucket, int]]] = {}
        for number, charge in enumerate(charges):
            tag = _tag(charge[0].key) if self._is_cluster else str(number // MAX_CHARGES)
            parts.setdefault(tag, []).append(charge)
        for part in parts.values():
            try:
                key = f"{self._prefix}{part[0][0].key}".encode()
                call = self._servers.connection_for(key).call_packed(packed_charges(part, self._prefix))
            except StoreUnavailable:
                self.local.charge(part, on_empty)
            else:
                call.add_done_callback(partial(_note_empty, [bucket for bucket, _ in part], on_empty))

    async def close(self) -> None:
        if self._close is not None:
            await self._close()

    async def decide(self, group: RedisGroup, cost: int, taken: int, replies: Sequence[Any]) -> Taken:
        """Returns the decision with the replies of all calls, at least one of which is an error or a part."""
        calls = zip(group.calls, replies, strict=True)
        complete = [
            await self._with_script(call, cost, taken) if _has_no_script(reply) else reply for call, reply in calls
        ]
        if any(map(is_moved, complete)):
            self._servers.note_change()
        parts = [Taken(*reply) for reply in complete if _is_decision(reply)]
        is_complete = len(parts) == len(complete)
        if not is_complete or not all(part.admitted for part in parts):
            self.put_back_admitted(group, complete, cost, taken)
        return _combined(parts, group.offsets) if is_complete else self.local.take(group, cost, taken)

    def put_back_admitted(self, group: RedisGroup, replies: Sequence[Any], taken: int, kept: int) -> None:
        """Gives back, without waiting, what some nodes have admitted of a cost that is not taken as a whole."""
        for call, reply in zip(group.calls, replies, strict=True):
            if _is_decision(reply) and Taken(*reply).admitted:
                with suppress(StoreUnavailable):  # then it stays taken
                    self._servers.connection_for(call.first_key).send(call.put_back(taken, kept))

    async def _with_script(self, call: PackedCall, cost: int, taken: int) -> Any:
        """Returns the reply of a server that does not have the script, or the error if it does not answer."""
        try:
            connection = self._servers.connection_for(call.first_key)
            return await connection.call_packed(call.take_with_script(cost, taken))
        except StoreUnavailable as error:
            return error


class _Decision:
    """A decision that is awaited. The calls have begun."""

    __slots__ = ("_buckets", "_costs", "_futures", "_group")

    def __init__(
        self, buckets: RedisBuckets, group: RedisGroup, costs: tuple[int, int], futures: Sequence[asyncio.Future[Any]]
    ) -> None:
        self._buckets = buckets
        self._group = group
        self._costs = costs
        self._futures = futures

    def __await__(self) -> Generator[Any, None, Taken]:
        if len(self._futures) == 1:
            reply = yield from self._only_reply(self._futures[0])
            if type(reply) is list:
                return Taken(*reply)
            replies = [reply]
        else:
            replies = yield from self._all_replies().__await__()
        return (yield from self._buckets.decide(self._group, *self._costs, replies).__await__())

    def _only_reply(self, future: asyncio.Future[Any]) -> Generator[Any, None, Any]:
        """Waits for the reply of the only call, which may be an error."""
        try:
            if self._costs == _UNIT:  # a request that is cancelled keeps a unit
                return (yield from future.__await__())
            return (yield from asyncio.shield(future).__await__())
        except StoreUnavailable as error:
            return error
        except asyncio.CancelledError:
            if self._costs != _UNIT:
                future.add_done_callback(self._put_back_only)
            raise

    async def _all_replies(self) -> list[Any]:
        """Waits for the replies of all calls, also if one of them fails. Errors of calls are among the replies."""
        replies = asyncio.gather(*self._futures, return_exceptions=True)
        try:
            return await asyncio.shield(replies)
        except asyncio.CancelledError:
            replies.add_done_callback(self._put_back_all)
            raise

    def _put_back_only(self, done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and done.exception() is None:
            self._put_back([done.result()])

    def _put_back_all(self, done: asyncio.Future[list[Any]]) -> None:
        if not done.cancelled():
            self._put_back(done.result())

    def _put_back(self, replies: Sequence[Any]) -> None:
        """Gives back the cost of a request that was cancelled, except the unit of a request that was admitted."""
        cost, taken = self._costs
        is_admitted = all(_is_decision(reply) and Taken(*reply).admitted for reply in replies)
        self._buckets.put_back_admitted(self._group, replies, cost, max(taken, 1) if is_admitted else taken)


def _combined(parts: Sequence[Taken], offsets: Sequence[int]) -> Taken:
    """Returns the decision of all nodes: that of the longest wait, or of the least room."""
    placed = [part._replace(tightest=part.tightest + offset) for part, offset in zip(parts, offsets, strict=True)]
    return max(placed, key=lambda part: (part.wait, -part.remaining))


def _note_empty(buckets: Sequence[Bucket], on_empty: OnEmpty, call: asyncio.Future[Any]) -> None:
    """Notes which buckets have no room after a charge. Without an answer, nothing is known."""
    if call.cancelled() or call.exception() is not None or not isinstance(call.result(), list):
        return
    for bucket, until_full in zip(buckets, call.result(), strict=True):
        if wait := bucket.wait(until_full):
            on_empty(bucket, wait)


def _is_decision(reply: object) -> bool:
    return type(reply) is list


def _has_no_script(reply: object) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith("NOSCRIPT")


def _tag(key: str) -> str:
    """Returns the part of a key in braces."""
    return key.partition("{")[2].partition("}")[0]
