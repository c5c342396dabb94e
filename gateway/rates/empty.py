"""Buckets that have no room, as far as this process knows."""

import time
from collections import OrderedDict
from collections.abc import Callable

from adapters.buckets import Bucket, BucketGroup
from adapters.buckets.base import MICROSECONDS

MAX_KEYS = 10_000
"""About 2 MB."""


class EmptyBuckets:
    """Remembers until when buckets have no room for a request. It forgets the ones that were noted first.

    Requests that are rejected by it need no round trip to the engine.
    """

    def __init__(self, max_keys: int = MAX_KEYS, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._until = OrderedDict[str, float]()

    def __len__(self) -> int:
        return len(self._until)

    def note(self, bucket: Bucket, microseconds: int) -> None:
        """Notes that a bucket has room for a cost of 1 after some microseconds, and not before."""
        self._until[bucket.key] = self._clock() + microseconds / MICROSECONDS
        self._until.move_to_end(bucket.key)
        if len(self._until) > self._max_keys:
            self._until.popitem(last=False)

    def find(self, group: BucketGroup) -> tuple[int, float] | None:
        """Returns the position of the bucket that has no room for the longest time, and the seconds. None without."""
        now, found = self._clock(), None
        for number, bucket in enumerate(group.buckets):
            until = self._until.get(bucket.key)
            if until is None:
                continue
            if until <= now:
                del self._until[bucket.key]
            elif found is None or until - now > found[1]:
                found = number, until - now
        return found
