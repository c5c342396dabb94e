"""Counts the outcomes of calls of a server, and how long they take."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import accumulate

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations, in seconds."""


class CallStatistics:
    """Holds the statistics of this process, without anything of a message."""

    def __init__(self) -> None:
        self.outcomes = Counter[str]()
        self.seconds = 0.0
        """The sum of all durations."""
        self._buckets = [0] * (len(BOUNDS) + 1)

    @property
    def calls(self) -> int:
        """The number of calls that were made."""
        return sum(self._buckets)

    @contextmanager
    def timed(self) -> Generator[None]:
        """Adds the duration of the block, however it ends."""
        begun = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - begun
            self.seconds += seconds
            self._buckets[bisect_left(BOUNDS, seconds)] += 1

    def histogram(self) -> list[tuple[str, float]]:
        """Returns the upper bound of each bucket, and the number of calls that took no longer."""
        names = [*(str(bound) for bound in BOUNDS), "+Inf"]
        return [(name, float(number)) for name, number in zip(names, accumulate(self._buckets), strict=True)]
