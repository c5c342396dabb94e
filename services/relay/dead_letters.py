"""Events that were set aside, and how they come back."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from events import LoggedEvent
from services.event_log import topics
from services.event_log.log import LogEntry, LogPosition
from services.relay.leases import lock_partition
from services.relay.projections import project, read_recorded
from services.resources import Resources

_LIST = "SELECT id, type, error, died_at FROM dead_events ORDER BY died_at DESC, id DESC LIMIT $1"
_FIND = "SELECT * FROM dead_events WHERE id = $1"
_FORGET = "DELETE FROM dead_events WHERE partition = $1 AND tx = $2 AND id = $3 RETURNING id"


class DeadEvent(NamedTuple):
    """An event that nothing follows from yet, with the reason."""

    id: int
    type: str
    error: str
    died_at: datetime


async def dead_events(queries: Queries, most: int) -> list[DeadEvent]:
    """The last ones first."""
    return [DeadEvent(row["id"], row["type"], row["error"], row["died_at"]) for row in await queries.fetch(_LIST, most)]


async def replay_event(resources: Resources, event_id: int) -> bool:
    """Projects an event that was set aside; False when there is none. Raises what is wrong with it when it still is.

    Projections look at how things stand now, so it does no harm that it comes late.
    """
    rows = await resources.database.fetch(_FIND, event_id)
    if not rows:
        return False
    (row,) = rows
    logged = LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"])
    entry = LogEntry(LogPosition(row["tx"], row["id"]), logged, row["occurred_at"])
    async with resources.database.transaction() as transaction:
        await lock_partition(transaction, row["partition"])
        if await transaction.fetch(_FORGET, row["partition"], *entry.position):
            await project(transaction, [read_recorded(entry)], resources)
    resources.bus.wake(topics.JOBS)
    return True
