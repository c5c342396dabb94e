"""Row ids: 63 bits, ordered by time, generated without coordination.

An id has 41 bits of milliseconds since 2024 and 22 bits, of which 21 are random. Two processes collide only if both
draw the same bits in one millisecond. That matters only within rows of one owner, since large tables have `PRIMARY KEY
(owner_id, id)`: the second insert fails, and its unit of work with it.
"""

import secrets
from datetime import UTC, datetime, timedelta

from core.clock import Clock

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
SEQUENCE_BITS = 22
MAX_ID = 2**63 - 1
_SPREAD_BITS = 16
_MILLISECOND = timedelta(milliseconds=1)


class Ids:
    """Generates increasing ids, even when the clock steps back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self, *, above: int = 0) -> int:
        """Returns a new id, which is larger than the last one and than `above`, an id of another process.

        Processes that follow the same id, because their clocks are behind it, draw different ids.
        """
        fresh, lowest = id_at(self._clock()) | secrets.randbits(SEQUENCE_BITS - 1), self._last
        if above > lowest:
            lowest = above + secrets.randbits(_SPREAD_BITS)
        self._last = fresh if fresh > lowest else lowest + 1
        return self._last


def id_at(instant: datetime) -> int:
    """Returns the lowest id of the millisecond of an instant."""
    return (instant - EPOCH) // _MILLISECOND << SEQUENCE_BITS


def time_of(row_id: int) -> datetime:
    """Returns the instant of an id, in whole milliseconds."""
    return EPOCH + (row_id >> SEQUENCE_BITS) * _MILLISECOND
