"""Measures how far the relays are behind."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import DialectSQL, Queries
from services.event_log.log import UNREAD
from services.relay.rebase import AHEAD, SKIPPED_EVENTS

MAX_COUNTED = 100_000

_OLDEST = "(SELECT e.occurred_at {} ORDER BY e.tx, e.id LIMIT 1)"
_COUNT = "(SELECT COUNT(*) FROM (SELECT 1 {} LIMIT $1) behind)"


def _lag(overlooked: str, ahead: str) -> str:
    """Returns a statement that also counts events which positions have passed without a projection."""
    return (
        f"SELECT MIN({_OLDEST.format(UNREAD)}) AS oldest_at, MIN({_OLDEST.format(overlooked)}) AS overlooked_at, "  # noqa: S608 - built from constants
        f"SUM({_COUNT.format(UNREAD)} + {_COUNT.format(overlooked)}) AS events, "
        "(SELECT COUNT(*) FROM (SELECT 1 FROM dead_events LIMIT $1) dead) AS dead, "
        "SUM(CASE WHEN p.stalled_at IS NULL THEN 0 ELSE 1 END) AS stalled, "
        f"SUM(CASE WHEN {ahead} THEN 1 ELSE 0 END) AS ahead FROM relay_positions p"
    )


_LAG = DialectSQL(_lag(SKIPPED_EVENTS.postgres, AHEAD.postgres), _lag(SKIPPED_EVENTS.sqlite, AHEAD.sqlite))


class Lag(NamedTuple):
    """The age in seconds of the oldest event that is not projected, the number of such events, and of dead letters.

    `stalled` is the number of partitions whose next event is too slow for the database. `ahead` is the number of
    partitions whose events are never projected before `bff log rebase`. Each partition and the dead letters are counted
    up to `MAX_COUNTED`.
    """

    seconds: float
    events: int
    dead: int
    stalled: int = 0
    ahead: int = 0


async def measure_lag(queries: Queries, now: datetime) -> Lag:
    """Returns the lag of all partitions."""
    (row,) = await queries.fetch(_LAG, MAX_COUNTED)
    since = min((at for at in (row["oldest_at"], row["overlooked_at"]) if at), default=now)
    seconds = max(0.0, (now - since).total_seconds())
    return Lag(seconds, int(row["events"]), row["dead"], int(row["stalled"]), int(row["ahead"]))
