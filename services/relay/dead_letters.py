"""Dead letters of the relay: events that could not be projected, and their replay."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from events import LoggedEvent
from services.announcements import Announcement
from services.event_log import topics
from services.event_log.event_streams import RowKey
from services.event_log.log import LogEntry, LogPosition
from services.relay.leases import lock_partition
from services.relay.projections import project, read_recorded
from services.resources import Resources

_LIST = "SELECT id, type, error, died_at FROM dead_events ORDER BY died_at DESC, id DESC LIMIT $1"
_FIND = "SELECT * FROM dead_events WHERE id = $1"
_FORGET = "DELETE FROM dead_events WHERE partition = $1 AND tx = $2 AND id = $3 RETURNING id"


class DeadEvent(NamedTuple):
    """An event that is not projected, with the error."""

    id: int
    type: str
    error: str
    died_at: datetime


async def dead_events(queries: Queries, max_rows: int) -> list[DeadEvent]:
    """Returns the last dead letters, newest first."""
    return [
        DeadEvent(row["id"], row["type"], row["error"], row["died_at"]) for row in await queries.fetch(_LIST, max_rows)
    ]


async def replay_event(resources: Resources, event_id: int) -> bool:
    """Projects a dead letter and returns whether there was one. Raises the error if it fails again.

    Projections read the current rows, so a late event does no harm.
    """
    rows = await resources.database.fetch(_FIND, event_id)
    if not rows:
        return False
    (row,) = rows
    logged = LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"])
    entry = LogEntry(LogPosition(row["tx"], row["id"]), logged, row["occurred_at"])
    streams: Sequence[RowKey] = ()
    announcement = Announcement(resources)
    try:
        async with resources.database.transaction() as transaction:
            await lock_partition(transaction, row["partition"])
            if await transaction.fetch(_FORGET, row["partition"], *entry.position):
                projected = await project(transaction, [read_recorded(entry)], resources)
                await announcement.prepare(projected.tags)
                streams = projected.streams
    finally:
        await announcement.complete()
    resources.bus.wake(topics.JOBS)
    topics.wake_streams(resources.bus, streams)
    return True
