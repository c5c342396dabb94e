"""The interface of token buckets."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from typing import NamedTuple

MICROSECONDS = 1_000_000


class Bucket(NamedTuple):
    """A bucket with the room of `quota`, which fills up in `window` microseconds.

    The key is printable ASCII. On a cluster, buckets with the same part in braces are on the same node.
    """

    key: str
    quota: int
    window: int

    def moved(self, taken: int, kept: int) -> int:
        """Returns by how many microseconds the bucket is full later if the cost is `kept` in place of `taken`.

        An operation that costs more than the quota takes all of it.
        """
        quota, window = self.quota, float(self.window)
        return ceil(min(kept, quota) * window / quota) - ceil(min(taken, quota) * window / quota)

    def wait(self, until_full: int) -> int:
        """Returns the microseconds until there is room for a cost of 1, of a bucket that is full after `until_full`."""
        return max(0, until_full + self.moved(0, 1) - self.window)


OnEmpty = Callable[[Bucket, int], None]
"""Is called with a bucket that has no room, and the microseconds until it has room for a cost of 1."""


class Taken(NamedTuple):
    """The decision about a cost. `tightest` is the position of the bucket with the least room, or that rejects longest.

    `remaining` is the room of this bucket, and `reset` the microseconds until it is full. If the cost is not admitted,
    there is room for it after `wait` microseconds.
    """

    tightest: int
    remaining: int
    reset: int
    wait: int

    @property
    def admitted(self) -> bool:
        return not self.wait


class BucketGroup:
    """The buckets of one caller, in the form that an engine needs. Create it once and use it again."""

    __slots__ = ("buckets", "units")

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self.buckets = tuple(buckets)
        self.units = tuple(bucket.moved(0, 1) for bucket in self.buckets)
        """The microseconds of a cost of 1 in each bucket."""


class Buckets(ABC):
    """Takes costs from several buckets at once."""

    @property
    @abstractmethod
    def is_available(self) -> bool:
        """Whether all processes count together. If not, this process counts by itself."""

    @property
    def longest_wait(self) -> float:
        """The longest time in seconds that calls waited for an engine that did not answer."""
        return 0.0

    @abstractmethod
    def group(self, buckets: Sequence[Bucket]) -> BucketGroup:
        """Returns one or more buckets as a group, for `take` and `put_back`."""

    @abstractmethod
    def take(self, group: BucketGroup, cost: int, taken: int = 0) -> Taken | Awaitable[Taken]:
        """Takes a cost from each bucket if all of them have room for it, and otherwise from none.

        It replaces the part of it that was `taken` before.

        The call begins at once, so that it is sent together with other calls of the same turn of the event loop.
        Neither the call nor the result raises an error of the engine.
        """

    @abstractmethod
    def put_back(self, group: BucketGroup, taken: int, kept: int) -> None:
        """Notes, without waiting, that of a cost that was taken only a part is kept."""

    @abstractmethod
    def charge(self, charges: Sequence[tuple[Bucket, int]], on_empty: OnEmpty) -> None:
        """Takes a cost from each of several buckets without waiting, whether they have room for it or not.

        A bucket owes at most its quota. `on_empty` is called for those without room, when the engine has answered.
        """

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""
