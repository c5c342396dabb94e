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
_SPREAD_BITS = SEQUENCE_BITS - 1
_MILLISECOND = timedelta(milliseconds=1)


class Ids:
    """Generates increasing ids, even when the clock steps back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self, *, above: int = 0) -> int:
        """Returns a new id, larger than the last one. It is larger than `above`, an id of another process.

        While the clock is behind `above`, ids that follow it are random, so that processes draw different ones, and the
        ids of other calls stay those of the clock.
        """
        fresh = id_at(self._clock()) | secrets.randbits(SEQUENCE_BITS - 1)
        self._last = fresh if fresh > self._last else self._last + 1
        return self._last if self._last > above else above + 1 + secrets.randbits(_SPREAD_BITS)


def id_at(instant: datetime) -> int:
    """Returns the lowest id of the millisecond of an instant."""
    return (instant - EPOCH) // _MILLISECOND << SEQUENCE_BITS


def time_of(row_id: int) -> datetime:
    """Returns the instant of an id, in whole milliseconds."""
    return EPOCH + (row_id >> SEQUENCE_BITS) * _MILLISECOND
