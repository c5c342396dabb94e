"""How far the relay is behind."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from services.relay.position import NAME

MOST_COUNTED = 100_000

_BEHIND = (
    "FROM event_log e WHERE (e.tx, e.id) > (COALESCE((SELECT tx FROM relay_positions WHERE name = $1), 0), "
    "COALESCE((SELECT id FROM relay_positions WHERE name = $1), 0))"
)
_LAG = (
    f"SELECT (SELECT e.occurred_at {_BEHIND} ORDER BY e.tx, e.id LIMIT 1) AS oldest_at, "  # noqa: S608 - built from constants
    f"(SELECT COUNT(*) FROM (SELECT 1 {_BEHIND} LIMIT $2) behind) AS events, "
    "(SELECT COUNT(*) FROM dead_events WHERE relay = $1) AS dead"
)


class Lag(NamedTuple):
    """What is not projected yet: the age of its oldest in seconds, how many (to `MOST_COUNTED`); what never will be."""

    seconds: float
    events: int
    dead: int


async def measure_lag(queries: Queries, now: datetime) -> Lag:
    (row,) = await queries.fetch(_LAG, NAME, MOST_COUNTED)
    seconds = max(0.0, (now - row["oldest_at"]).total_seconds()) if row["oldest_at"] else 0.0
    return Lag(seconds, row["events"], row["dead"])
