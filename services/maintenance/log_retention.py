"""Deletes old events from the log."""

from datetime import datetime

from adapters.database import Queries
from services.event_log.log import PARTITIONS, START, LogPosition

_WINDOW = (
    "SELECT e.tx, e.id, e.occurred_at FROM event_log e JOIN relay_positions p "
    "ON p.partition = e.partition AND (e.tx, e.id) <= (p.tx, p.id) "
    "WHERE e.partition = $1 AND (e.tx, e.id) > ($2, $3) ORDER BY e.tx, e.id LIMIT $4"
)
_EVENT = {"tx": "bigint", "id": "bigint"}
_DELETE = "DELETE FROM event_log WHERE partition = $1 AND (tx, id) IN (SELECT tx, id FROM input_rows)"


async def forget_log(queries: Queries, before: datetime, now: datetime, most: int) -> bool:
    """Deletes projected events that happened before an instant, about `most` of each partition. Whether more are left.

    It reads each partition from the front, up to an event that is neither old nor in the future. An event is in the
    future when the clock that dated it was wrong, and says nothing about those behind it.
    """
    more = [await _forget_partition(queries, partition, before, now, most) for partition in range(PARTITIONS)]
    return any(more)


async def _forget_partition(queries: Queries, partition: int, before: datetime, now: datetime, most: int) -> bool:
    after, deleted, ended = START, 0, False
    while not ended and deleted < most:
        window = await queries.fetch(_WINDOW, partition, *after, most)
        old = [(row["tx"], row["id"]) for row in window if row["occurred_at"] < before]
        await queries.fetch_with_rows(_DELETE, _EVENT, old, partition)
        deleted += len(old)
        ended = len(window) < most or any(before <= row["occurred_at"] <= now for row in window)
        after = LogPosition(window[-1]["tx"], window[-1]["id"]) if window else after
    return not ended
