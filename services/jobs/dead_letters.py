"""Dead letters of jobs, and their replay."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from services.event_log import topics
from services.event_log.log import LogPosition
from services.jobs.job import JobKey
from services.jobs.table import NewJob, enqueue
from services.resources import Resources

_LIST = "SELECT event_id, handler, error, died_at FROM dead_jobs ORDER BY died_at DESC, event_id DESC, handler LIMIT $1"
_TAKE = "DELETE FROM dead_jobs WHERE event_id = $1 RETURNING owner_id, event_id, handler, event_tx, data"


class DeadJob(NamedTuple):
    """A job that failed too often, with its last traceback."""

    event_id: int
    handler: str
    error: str
    died_at: datetime


async def dead_jobs(queries: Queries, max_rows: int) -> list[DeadJob]:
    """Returns the last dead letters, newest first."""
    rows = await queries.fetch(_LIST, max_rows)
    return [DeadJob(row["event_id"], row["handler"], row["error"], row["died_at"]) for row in rows]


async def replay_jobs(resources: Resources, event_id: int) -> int:
    """Creates all dead jobs of an event again, with all of their attempts, and returns how many."""
    async with resources.database.transaction() as transaction:
        rows = await transaction.fetch(_TAKE, event_id)
        jobs = [
            NewJob(
                JobKey(row["owner_id"], row["event_id"], row["handler"]),
                LogPosition(row["event_tx"], row["event_id"]),
                row["data"],
            )
            for row in rows
        ]
        await enqueue(transaction, jobs, resources.clock())
    resources.bus.wake(topics.JOBS)
    return len(jobs)
