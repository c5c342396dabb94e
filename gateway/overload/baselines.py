"""The latencies of operations while few others run, with which later latencies are compared."""

from collections.abc import Hashable
from functools import lru_cache

MAX_SHAPES = 1000
"""Operations whose baselines are kept. Clients can send any number of different ones."""

_MAX_SAMPLES = 128
"""The samples over which a baseline is averaged, approximately."""
_MAX_RATIO = 4.0
"""A slower execution counts as this many times the baseline: one pause must not move it much."""


class Baseline:
    """The average latency of one operation while few others run, in seconds."""

    __slots__ = ("samples", "seconds")

    def __init__(self) -> None:
        self.samples = 0
        self.seconds = 0.0

    def start(self, seconds: float) -> None:
        """Sets the first value."""
        self.samples, self.seconds = 1, seconds

    def learn(self, seconds: float) -> None:
        """Moves the average towards the latency of an execution."""
        if self.samples < _MAX_SAMPLES:
            self.samples += 1
        self.seconds += (min(seconds, _MAX_RATIO * self.seconds) - self.seconds) / self.samples


class Baselines:
    """The baselines of the operations that were executed last."""

    def __init__(self, max_shapes: int = MAX_SHAPES) -> None:
        self.of = lru_cache(max_shapes)(_new)
        """Returns the baseline of an operation. A new one has no samples yet."""

    def __len__(self) -> int:
        return self.of.cache_info().currsize


def _new(_shape: Hashable) -> Baseline:
    return Baseline()
