"""Counts: the range of numbers that a read may return, and the age of counts of what others do."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.response_cache.support.faults import Faults, Read
from tests.response_cache.support.history import History, Post
from tests.response_cache.support.registers import HISTORY_SECONDS, Register

_PRECISION = 0.02


class Counted(NamedTuple):
    """A register that a count includes, and the user who writes it."""

    register: Register
    actor: str


class Counts:
    """Checks counts. `max_age` is how old a count of what others do may be, in seconds."""

    def __init__(self, history: History, faults: Faults, max_age: float) -> None:
        self._history = history
        self._faults = faults
        self._max_age = max_age
        self.worst_age = 0.0
        self.checked = 0
        self.old = 0
        """The number of counts that were older than the begin of their read."""

    def post_count(self, author: str, seen: int, read: Read) -> None:
        counted = [Counted(post.register, author) for post in self._history.users[author].posts]
        self._strict("postCount", author, seen, read, counted)

    def following_count(self, follower: str, seen: int, read: Read) -> None:
        follows = self._history.follows[follower]
        self._strict("followingCount", follower, seen, read, (Counted(follows[other], other) for other in follows))

    def follower_count(self, author: str, seen: int, read: Read) -> None:
        followers = self._history.followers[author]
        counted = [Counted(register, follower) for follower, register in followers.items()]
        self._relaxed("followerCount", author, seen, read, counted)

    def like_count(self, post: Post, seen: int, read: Read) -> None:
        self._relaxed("likeCount", post.key, seen, read, [Counted(reg, user) for user, reg in post.likes.items()])

    def comment_count(self, post: Post, seen: int, read: Read) -> None:
        counted = [Counted(comment.register, comment.author) for comment in post.comments]
        self._relaxed("commentCount", post.key, seen, read, counted)

    def _strict(self, kind: str, subject: str, seen: int, read: Read, counted: Iterable[Counted]) -> None:
        low, high = self._range(counted, read, 0)
        if not low <= seen <= high:
            self._faults.add(kind, subject, read, seen, f"{low} to {high}")

    def _relaxed(self, kind: str, subject: str, seen: int, read: Read, counted: list[Counted]) -> None:
        self.checked += 1
        low, high = self._range(counted, read, 0)
        if low <= seen <= high:
            return
        age = _age(lambda age: _contains(self._range(counted, read, age), seen))
        self.worst_age, self.old = max(self.worst_age, age), self.old + 1
        if age > self._max_age:
            self._faults.add(kind, subject, read, f"{seen}, {age:.2f} s old", f"{low} to {high}")

    def _range(self, counted: Iterable[Counted], read: Read, age: float) -> tuple[int, int]:
        """Returns the lowest and highest possible count. What the viewer does is never older than the read."""
        low = high = 0
        for register, actor in counted:
            since = read.since if actor == read.viewer else read.since - age
            present = absent = False
            for write in register.candidates(since, read.until):
                present, absent = present or write.value > 0, absent or write.value <= 0
            high += present
            low += present and not absent and not self._history.users[actor].deleting
        return low, high


def _contains(limits: tuple[int, int], seen: int) -> bool:
    return limits[0] <= seen <= limits[1]


def _age(is_possible: Callable[[float], bool]) -> float:
    """Returns the lowest age at which a count is possible, or the maximum that can be measured."""
    low, high = 0.0, HISTORY_SECONDS
    if not is_possible(high):
        return high
    while high - low > _PRECISION:
        middle = (low + high) / 2
        low, high = (low, middle) if is_possible(middle) else (middle, high)
    return high
