"""Deletes old events from the log."""

from datetime import datetime

from adapters.database import Queries
from services.event_log.log import PARTITIONS, START, LogPosition

_WINDOW = (
    "SELECT e.tx, e.id, e.occurred_at FROM event_log e JOIN relay_positions p "
    "ON p.partition = e.partition AND (e.tx, e.id) <= (p.tx, p.id) "
    "WHERE e.partition = $1 AND e.tx >= $2 AND (e.tx, e.id) > ($2, $3) ORDER BY e.tx, e.id LIMIT $4"
)
_EVENT = {"tx": "bigint", "id": "bigint"}
_DELETE = "DELETE FROM event_log WHERE partition = $1 AND (tx, id) IN (SELECT tx, id FROM input_rows)"


async def delete_old_events(queries: Queries, before: datetime, now: datetime, limit: int) -> bool:
    """Deletes about `limit` old projected events of each partition. Returns whether there may be more.

    It reads each partition from the beginning, up to an event that is neither old nor in the future. An event in the
    future was dated by a wrong clock, and does not show the age of those behind it.
    """
    more = [await _delete_in_partition(queries, partition, before, now, limit) for partition in range(PARTITIONS)]
    return any(more)


async def _delete_in_partition(queries: Queries, partition: int, before: datetime, now: datetime, limit: int) -> bool:
    after, deleted, ended = START, 0, False
    while not ended and deleted < limit:
        window = await queries.fetch(_WINDOW, partition, *after, limit)
        old = [(row["tx"], row["id"]) for row in window if row["occurred_at"] < before]
        await queries.fetch_with_rows(_DELETE, _EVENT, old, partition)
        deleted += len(old)
        ended = len(window) < limit or any(before <= row["occurred_at"] <= now for row in window)
        after = LogPosition(window[-1]["tx"], window[-1]["id"]) if window else after
    return not ended
