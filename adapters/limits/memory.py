"""`memory://`: counts in this process alone."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import islice

from adapters.limits.base import MICROSECONDS, SLICES, Answer, Limit, Limits, Wanted, check

MOST_KEYS = 50_000
"""Some 20 MB of keys that were taken from once."""

_FORGOTTEN_AT_A_TIME = 2
"""More than one: each call adds at most one key and one entry, so the number of expired ones falls with every call."""

Takes = deque[tuple[int, int]]
"""Times in microseconds, the oldest first, and what was taken then: at most `SLICES + 1` of them are in a window."""


def _monotonic() -> int:
    return time.monotonic_ns() // 1000


class MemoryLimits(Limits):
    """Keeps so many keys. Those whose windows are over are forgotten first, then those that were not asked for longest.

    Several processes admit as many times what a limit says.
    """

    def __init__(self, most_keys: int = MOST_KEYS, clock: Callable[[], int] = _monotonic) -> None:
        self._most_keys = most_keys
        self._clock = clock
        self._kept = OrderedDict[tuple[str, int], Takes]()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def longest(self) -> int:
        """The number of entries of the key that has most of them."""
        return max(map(len, self._kept.values()), default=0)

    async def take(self, wanted: Wanted, cost: int = 1, *, strict: bool = False) -> Answer:  # noqa: ARG002 - it is never gone
        return self.take_now(wanted, cost)

    def take_now(self, wanted: Wanted, cost: int = 1) -> Answer:
        check(wanted, cost)
        now = self._clock()
        wait = max((self._wait(key, limit, cost, now) for key, limit in wanted), default=0)
        if wait > 0:
            return Answer(taken=False, wait=wait / MICROSECONDS)
        self.note(wanted, cost)
        return Answer(taken=True)

    def note(self, wanted: Wanted, cost: int) -> None:
        """Counts what was admitted, here or by Redis, in constant time per key."""
        now = self._clock()
        for key, limit in wanted:
            takes = self._kept.setdefault((key, limit.per_seconds), deque())
            self._kept.move_to_end((key, limit.per_seconds))
            per = limit.per_seconds * MICROSECONDS
            _drop_expired(takes, now - per, _FORGOTTEN_AT_A_TIME)
            width = per // SLICES
            if takes and takes[-1][0] // width == now // width:
                cost_before = takes.pop()[1]
                takes.append((now, cost_before + cost))
            else:
                takes.append((now, cost))
        self._forget(now)

    async def close(self) -> None:
        self._kept.clear()

    def _wait(self, key: str, limit: Limit, cost: int, now: int) -> int:
        """Microseconds until there is room, 0 if there is."""
        per = limit.per_seconds * MICROSECONDS
        takes = self._kept.get((key, limit.per_seconds))
        if takes is None:
            return per if cost > limit.most else 0
        self._kept.move_to_end((key, limit.per_seconds))
        _drop_expired(takes, now - per, len(takes))
        excess = sum(taken for _, taken in takes) + cost - limit.most
        if excess <= 0:
            return 0
        for at, taken in takes:
            excess -= taken
            if excess <= 0:
                return at + per - now
        return per

    def _forget(self, now: int) -> None:
        """A few at a time, since each key that is new may be one more that is over."""
        for (key, seconds), takes in list(islice(self._kept.items(), _FORGOTTEN_AT_A_TIME)):
            if takes and takes[-1][0] + seconds * MICROSECONDS > now:
                break
            del self._kept[key, seconds]
        while len(self._kept) > self._most_keys:
            self._kept.popitem(last=False)


def _drop_expired(takes: Takes, until: int, most: int) -> None:
    """Drops entries of `until` and before, `most` of them at most."""
    while takes and takes[0][0] <= until and most:
        takes.popleft()
        most -= 1
