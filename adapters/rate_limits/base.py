"""The interface of rate limiters."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

SLICES = 60
"""Parts of a window. Admissions within one part are one entry."""

MICROSECONDS = 1_000_000


class RateLimit(NamedTuple):
    """A maximum cost in any window of this many seconds."""

    max_cost: int
    per_seconds: int


class Decision(NamedTuple):
    """The decision on a request. If it is not admitted, the limits have room for it after `wait` seconds."""

    admitted: bool
    wait: float = 0.0


KeyLimits = Sequence[tuple[str, RateLimit]]
"""Pairs of a key of printable ASCII and its limit. A key may have several limits with windows of different lengths."""


class RateLimiter(ABC):
    """Checks several limits at once."""

    @abstractmethod
    async def take(self, limits: KeyLimits, cost: int = 1, *, strict: bool = False) -> Decision:
        """Takes `cost` from each limit if all of them have room for it, and otherwise from none.

        A cost above the maximum of a limit is never admitted. Rejected requests do not count. If the engine does not
        answer, every request is admitted; with `strict`, the process counts by itself. Raises nothing of the engine.
        """

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""


def check(limits: KeyLimits, cost: int) -> None:
    """Raises `ValueError` for arguments that are errors of the program."""
    if cost < 1:
        raise ValueError(f"a cost of {cost} is less than 1")
    if len({(key, limit.per_seconds) for key, limit in limits}) < len(limits):
        raise ValueError("a key has two limits for the same window")
