"""What limits do for the floors above, whichever engine it is."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

SLICES = 60
"""Takes in the same of so many parts of a window are kept as one."""

MICROSECONDS = 1_000_000


class Limit(NamedTuple):
    """So many in any window of so many seconds."""

    most: int
    per_seconds: int


class Answer(NamedTuple):
    """Whether it was taken; if not, after how many seconds there is room, when nobody else takes it."""

    taken: bool
    wait: float = 0.0


Wanted = Sequence[tuple[str, Limit]]
"""Keys of printable ASCII. A key may have several limits, of windows of different lengths."""


class Limits(ABC):
    """Takes from several limits at once."""

    @abstractmethod
    async def take(self, wanted: Wanted, cost: int = 1, *, strict: bool = False) -> Answer:
        """Takes `cost` from each limit, when all of them have room for it; otherwise from none.

        A cost that is greater than a limit is never taken. What is refused counts nowhere. It raises nothing when the
        engine is gone: then everything is admitted, unless it is `strict`, which has this process count by itself.
        """

    @abstractmethod
    async def close(self) -> None:
        """Lets go of the engine."""


def check(wanted: Wanted, cost: int) -> None:
    """`ValueError` for what nobody can have meant."""
    if cost < 1:
        raise ValueError(f"a cost of {cost}")
    if len({(key, limit.per_seconds) for key, limit in wanted}) < len(wanted):
        raise ValueError("the same key and window twice")
