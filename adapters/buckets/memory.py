"""`memory://`: buckets within one process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import islice
from math import inf

from adapters.buckets.base import Bucket, BucketGroup, Buckets, OnEmpty, Taken

MAX_KEYS = 100_000
"""About 20 MB."""

_EVICTED_PER_CALL = 8
"""A call adds a few keys at most, so the number of full buckets in memory decreases with every call."""


def _monotonic() -> int:
    return time.monotonic_ns() // 1000


class MemoryBuckets(Buckets):
    """Stores at most `max_keys` buckets that are not full. It evicts full ones first, then the least recently used."""

    def __init__(self, max_keys: int = MAX_KEYS, clock: Callable[[], int] = _monotonic) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._full_at = OrderedDict[str, int]()
        """The time in microseconds at which each bucket is full again."""

    def __len__(self) -> int:
        return len(self._full_at)

    @property
    def is_available(self) -> bool:
        return True

    def group(self, buckets: Sequence[Bucket]) -> BucketGroup:
        return BucketGroup(buckets)

    def take(self, group: BucketGroup, cost: int, taken: int = 0) -> Taken:
        """Returns the decision at once."""
        now, known = self._clock(), self._full_at
        tightest, remaining, reset, wait = 0, inf, 0, 0
        moved: list[tuple[str, int]] = []
        moves = group.units if cost == 1 and not taken else [bucket.moved(taken, cost) for bucket in group.buckets]
        for number, (key, quota, window) in enumerate(group.buckets):
            before = known.get(key, now) - now
            before = max(before, 0)
            until_full = before + moves[number]
            moved.append((key, now + until_full))
            if until_full - window > wait:
                tightest, wait, reset = number, until_full - window, before
                remaining = (window - before) * quota / window
            elif not wait:
                left = (window - until_full) * quota / window
                if left < remaining:
                    tightest, remaining, reset = number, left, until_full
        if not wait:
            self._store(moved, now)
        return Taken(tightest, max(int(remaining), 0), reset, wait)

    def put_back(self, group: BucketGroup, taken: int, kept: int) -> None:
        now = self._clock()
        for bucket in group.buckets:
            self._move(bucket, bucket.moved(taken, kept), now)

    def charge(self, charges: Sequence[tuple[Bucket, int]], on_empty: OnEmpty) -> None:
        now = self._clock()
        for bucket, cost in charges:
            self._move(bucket, bucket.moved(0, cost), now)
            if wait := bucket.wait(self._full_at.get(bucket.key, now) - now):
                on_empty(bucket, wait)
        self._evict(now)

    async def close(self) -> None:
        self._full_at.clear()

    def _store(self, moved: Sequence[tuple[str, int]], now: int) -> None:
        known = self._full_at
        size = len(known)
        for key, full_at in moved:
            known[key] = full_at
            known.move_to_end(key)
        if len(known) > size:
            self._evict(now)

    def _move(self, bucket: Bucket, microseconds: int, now: int) -> None:
        full_at = min(max(self._full_at.get(bucket.key, 0), now) + microseconds, now + 2 * bucket.window)
        if full_at > now:
            self._full_at[bucket.key] = full_at
        else:
            self._full_at.pop(bucket.key, None)

    def _evict(self, now: int) -> None:
        """Removes a few buckets that are full, and the least recently used ones above the maximum."""
        known = self._full_at
        for key, full_at in list(islice(known.items(), _EVICTED_PER_CALL)):
            if full_at <= now:
                del known[key]
        while len(known) > self._max_keys:
            known.popitem(last=False)
