"""`memory://`: a rate limiter within one process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import islice

from adapters.rate_limits.base import MICROSECONDS, SLICES, Decision, KeyLimits, RateLimit, RateLimiter, check

MAX_KEYS = 50_000
"""About 20 MB of keys with one entry each."""

_EVICTED_PER_CALL = 2
"""Each call adds at most one key and one entry. With two, the number of expired ones decreases with every call."""

Entries = deque[tuple[int, int]]
"""Pairs of a time in microseconds and a cost, the oldest first. A window has at most `SLICES + 1` of them."""


def _monotonic() -> int:
    return time.monotonic_ns() // 1000


class MemoryRateLimiter(RateLimiter):
    """Stores at most `max_keys` keys. It evicts expired keys first, then the least recently used ones.

    Several processes together admit a multiple of the limit.
    """

    def __init__(self, max_keys: int = MAX_KEYS, clock: Callable[[], int] = _monotonic) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._entries = OrderedDict[tuple[str, int], Entries]()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def max_entries(self) -> int:
        """The number of entries of the key with the most of them."""
        return max(map(len, self._entries.values()), default=0)

    async def take(self, limits: KeyLimits, cost: int = 1, *, strict: bool = False) -> Decision:  # noqa: ARG002 - memory is always available
        return self.take_now(limits, cost)

    def take_now(self, limits: KeyLimits, cost: int = 1) -> Decision:
        check(limits, cost)
        now = self._clock()
        wait = max((self._wait(key, limit, cost, now) for key, limit in limits), default=0)
        if wait > 0:
            return Decision(admitted=False, wait=wait / MICROSECONDS)
        self.note(limits, cost)
        return Decision(admitted=True)

    def note(self, limits: KeyLimits, cost: int) -> None:
        """Counts an admission, of this limiter or of Redis, in constant time per key."""
        now = self._clock()
        for key, limit in limits:
            entries = self._entries.setdefault((key, limit.per_seconds), deque())
            self._entries.move_to_end((key, limit.per_seconds))
            per = limit.per_seconds * MICROSECONDS
            _drop_expired(entries, now - per, _EVICTED_PER_CALL)
            width = per // SLICES
            if entries and entries[-1][0] // width == now // width:
                cost_before = entries.pop()[1]
                entries.append((now, cost_before + cost))
            else:
                entries.append((now, cost))
        self._evict(now)

    async def close(self) -> None:
        self._entries.clear()

    def _wait(self, key: str, limit: RateLimit, cost: int, now: int) -> int:
        """Returns the microseconds until the limit has room for the cost; 0 if it has room."""
        per = limit.per_seconds * MICROSECONDS
        entries = self._entries.get((key, limit.per_seconds))
        if entries is None:
            return per if cost > limit.max_cost else 0
        self._entries.move_to_end((key, limit.per_seconds))
        _drop_expired(entries, now - per, len(entries))
        excess = sum(spent for _, spent in entries) + cost - limit.max_cost
        if excess <= 0:
            return 0
        for at, spent in entries:
            excess -= spent
            if excess <= 0:
                return at + per - now
        return per

    def _evict(self, now: int) -> None:
        """Removes a few expired keys, and the least recently used keys above the maximum."""
        for (key, seconds), entries in list(islice(self._entries.items(), _EVICTED_PER_CALL)):
            if entries and entries[-1][0] + seconds * MICROSECONDS > now:
                break
            del self._entries[key, seconds]
        while len(self._entries) > self._max_keys:
            self._entries.popitem(last=False)


def _drop_expired(entries: Entries, until: int, max_count: int) -> None:
    """Removes at most `max_count` entries of the time `until` and before."""
    while entries and entries[0][0] <= until and max_count:
        entries.popleft()
        max_count -= 1
