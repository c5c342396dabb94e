"""The world of the demo data: random numbers, times and users, without a database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappush, heappushpop
from random import Random
from typing import Any, NamedTuple

from core.ids import EPOCH, SEQUENCE_BITS
from services.maintenance.seed.texts import people

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
"""The present of the demo data. It is fixed, so that a seed number always produces the same rows."""

HISTORY = timedelta(days=60)
INBOX_LENGTH = 20

_NOW_MS = int((NOW - EPOCH).total_seconds() * 1000)
_START_MS = _NOW_MS - int(HISTORY.total_seconds() * 1000)

Row = tuple[Any, ...]


class Chunk(NamedTuple):
    """Some rows of a table, to be written before the chunks that follow."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]


class Noted(NamedTuple):
    """A notification; sorted by its time."""

    milliseconds: int
    id: int
    kind: str
    actor_id: int
    subject: tuple[str, int, int]


def instant(milliseconds: int) -> datetime:
    """Returns the instant of milliseconds since the epoch of ids."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def in_groups(places: range, size: int) -> Iterator[range]:
    """Yields consecutive parts of a range."""
    for start in range(0, len(places), size):
        yield places[start : start + size]


class World:
    """The shared state of the makers of rows: random numbers, times, users, and data for later chunks."""

    def __init__(self, seed_number: int, size: int) -> None:
        self._random = Random(seed_number)  # noqa: S311 - not for secrets
        self.size = size
        joined = _START_MS - 86_400_000
        self.user_ids = [self.id_at(joined + place * 60_000 // max(1, size // 44)) for place in range(size)]
        self.people = list(people(size))
        self.followees: list[list[int]] = [[] for _ in range(size)]
        self.followers = [0] * size
        self.newest_posts: list[list[int]] = [[] for _ in range(size)]
        self._noted: dict[int, list[Noted]] = {user_id: [] for user_id in self.user_ids}

    def chance(self) -> float:
        return self._random.random()

    def between(self, low: int, high: int) -> int:
        """Returns a random integer, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def one_of(self, things: tuple[Any, ...]) -> Any:
        return things[int(self._random.random() * len(things))]

    def moment(self, since: int = _START_MS) -> int:
        """Returns milliseconds of a random instant between `since` and now."""
        return since + int(self._random.random() * (_NOW_MS - since))

    def soon(self, milliseconds: int, seconds: int) -> int:
        """Returns an instant some seconds later, but not in the future."""
        return min(milliseconds + seconds * 1000, _NOW_MS)

    def slot(self, place: int, places: int) -> int:
        """Returns milliseconds in the part of history that belongs to the place. Later places come later."""
        width = (_NOW_MS - _START_MS) // places
        return _START_MS + place * width + int(self._random.random() * width)

    def id_at(self, milliseconds: int) -> int:
        return milliseconds << SEQUENCE_BITS | self._random.getrandbits(SEQUENCE_BITS - 1)

    def others(self, person: int, count: int) -> list[int]:
        """Returns the indexes of `count` different users other than `person`."""
        drawn = self._random.sample(range(self.size - 1), min(count, self.size - 1))
        return [place + (place >= person) for place in drawn]

    def popular(self) -> int:
        """Returns the index of a random user; the first ones are drawn far more often than the last."""
        return int(self.size * self._random.random() ** 3)

    def note(self, owner_id: int, kind: str, actor_id: int, milliseconds: int, subject: tuple[str, int, int]) -> None:
        """Adds a notification to the owner's inbox, if it is among the newest there."""
        inbox = self._noted[owner_id]
        noted = Noted(milliseconds, self.id_at(milliseconds), kind, actor_id, subject)
        if len(inbox) < INBOX_LENGTH:
            heappush(inbox, noted)
        else:
            heappushpop(inbox, noted)

    def inboxes(self) -> Iterator[tuple[int, list[Noted]]]:
        """Yields the notifications of each user, oldest first."""
        for owner_id, noted in self._noted.items():
            yield owner_id, sorted(noted)
