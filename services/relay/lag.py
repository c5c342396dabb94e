"""How far the relays are behind."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from services.relay.position import WAITS

MOST_COUNTED = 100_000

_LAG = (
    f"SELECT MIN((SELECT e.occurred_at {WAITS} ORDER BY e.tx, e.id LIMIT 1)) AS oldest_at, "  # noqa: S608 - built from constants
    f"SUM((SELECT COUNT(*) FROM (SELECT 1 {WAITS} LIMIT $1) behind)) AS events, "
    "(SELECT COUNT(*) FROM dead_events) AS dead, "
    "SUM(CASE WHEN p.stalled_at IS NULL THEN 0 ELSE 1 END) AS stalled FROM relay_positions p"
)


class Lag(NamedTuple):
    """Age in seconds of the oldest event that is not projected yet, how many there are, and how many were set aside.

    `stalled` is the number of partitions whose next event the database is too slow for.
    No more than `MOST_COUNTED` are counted in each partition.
    """

    seconds: float
    events: int
    dead: int
    stalled: int = 0


async def measure_lag(queries: Queries, now: datetime) -> Lag:
    (row,) = await queries.fetch(_LAG, MOST_COUNTED)
    seconds = max(0.0, (now - row["oldest_at"]).total_seconds()) if row["oldest_at"] else 0.0
    return Lag(seconds, int(row["events"]), row["dead"], int(row["stalled"]))
