"""The table of jobs. It decides about them, with any engine of the queue."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from adapters.database import Queries
from core.tracing import take_cause
from services.event_log.log import LogPosition
from services.jobs.job import Job, JobKey, Offer
from services.resources import Resources

_JOB = {"owner_id": "bigint", "event_id": "bigint", "handler": "text", "event_tx": "bigint", "data": "text"}
_COLUMNS = ", ".join(_JOB)
_KEY = "owner_id = $1 AND event_id = $2 AND handler = $3"
_ENQUEUE = (
    f"INSERT INTO jobs ({_COLUMNS}, attempts, lease, due_at, created_at) "  # noqa: S608 - built from constants
    f"SELECT {_COLUMNS}, 0, 0, $1, $1 FROM input_rows WHERE true ON CONFLICT (owner_id, event_id, handler) "
    "DO UPDATE SET due_at = excluded.due_at WHERE jobs.attempts = 0 AND jobs.due_at > excluded.due_at"
)
_OFFER = (
    "UPDATE jobs SET due_at = $2 WHERE (owner_id, event_id, handler) IN (SELECT owner_id, event_id, handler FROM jobs "
    "WHERE due_at <= $1 AND handler = ANY($4) ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) "
    "RETURNING owner_id, event_id, handler, lease"
)
_NEXT_OF = "SELECT due_at FROM jobs WHERE handler = ANY($1) ORDER BY due_at LIMIT 1"
_UNKNOWN = (
    "SELECT owner_id, event_id, handler, lease, due_at FROM (SELECT owner_id, event_id, handler, lease, due_at "
    "FROM jobs WHERE due_at <= $1 ORDER BY due_at LIMIT $4) due WHERE NOT (handler = ANY($2)) ORDER BY due_at LIMIT $3"
)
_OFFERED = {"owner_id": "bigint", "event_id": "bigint", "handler": "text", "lease": "bigint"}
_RESCHEDULE = (
    "UPDATE jobs SET due_at = $1 "
    "WHERE (owner_id, event_id, handler, lease) IN (SELECT owner_id, event_id, handler, lease FROM input_rows)"
)
_TAKE = (
    f"UPDATE jobs SET attempts = attempts + 1, lease = $5, due_at = $6 WHERE {_KEY} AND lease = $4 "  # noqa: S608 - as above
    "RETURNING event_tx, data, attempts, created_at"
)
_COMPLETE = f"DELETE FROM jobs WHERE {_KEY} AND lease = $4 RETURNING attempts"  # noqa: S608 - as above
_CONTINUE = f"UPDATE jobs SET attempts = 0, due_at = $5 WHERE {_KEY} AND lease = $4 RETURNING attempts"  # noqa: S608 - as above
_DEAD_LETTER = (
    f"INSERT INTO dead_jobs ({_COLUMNS}, created_at, error, died_at) "  # noqa: S608 - as above
    f"SELECT {_COLUMNS}, created_at, $5, $6 FROM jobs WHERE {_KEY} AND lease = $4 "
    "ON CONFLICT (owner_id, event_id, handler) DO UPDATE SET event_tx = excluded.event_tx, data = excluded.data, "
    "created_at = excluded.created_at, error = excluded.error, died_at = excluded.died_at"
)
_BACKLOG = (
    "SELECT (SELECT MIN(due_at) FROM jobs) AS next_at, "
    "(SELECT COUNT(*) FROM (SELECT 1 FROM jobs LIMIT $1) waiting) AS jobs, "
    "(SELECT COUNT(*) FROM (SELECT 1 FROM dead_jobs LIMIT $1) dead) AS dead"
)
MAX_COUNTED = 100_000


class NewJob(NamedTuple):
    """A job to enqueue."""

    key: JobKey
    position: LogPosition
    data: str


class UnreadableJob(Exception):
    """The data of a job is not an object of integers. Another attempt would change nothing."""

    def __init__(self, job: Job) -> None:
        super().__init__("the data of this job is not an object of integers")
        self.job = job


class Backlog(NamedTuple):
    """The time of the next due job, and the numbers of jobs and dead letters, up to `MAX_COUNTED` each."""

    next_at: datetime | None
    jobs: int
    dead: int

    def seconds_late(self, now: datetime) -> float:
        """Returns for how many seconds the first job has been due."""
        return max(0.0, (now - self.next_at).total_seconds()) if self.next_at else 0.0


class UnknownJob(NamedTuple):
    """A due job whose handler a release does not have."""

    offer: Offer
    due_at: datetime


async def enqueue(transaction: Queries, jobs: Iterable[NewJob], due_at: datetime) -> None:
    """Inserts jobs. One that is in the table already, and waits longer without having failed, is due earlier."""
    rows = [(*job.key, job.position.tx, job.data) for job in jobs]
    await transaction.fetch_with_rows(_ENQUEUE, _JOB, rows, due_at)


async def offer_due(resources: Resources, max_offers: int, handlers: Iterable[str]) -> list[Offer]:
    """Returns due jobs of some handlers. They are due again if no worker takes them for a while.

    So an offer may be lost.
    """
    now = resources.clock()
    rows = await resources.database.fetch(_OFFER, now, now + lease_duration(resources), max_offers, list(handlers))
    return [Offer(JobKey(row["owner_id"], row["event_id"], row["handler"]), row["lease"]) for row in rows]


async def reschedule(resources: Resources, offers: Sequence[Offer], due_at: datetime) -> None:
    """Changes the time at which jobs are due, unless a worker has taken them meanwhile."""
    await resources.database.fetch_with_rows(
        _RESCHEDULE, _OFFERED, [(*offer.key, offer.lease) for offer in offers], due_at
    )


async def acquire_lease(resources: Resources, offer: Offer) -> Job | None:
    """Gives the caller a new lease of the job. None if it is done, or another worker has its lease.

    Raises `UnreadableJob` if its data cannot be decoded; the caller has the lease of that job too.
    """
    now, lease = resources.clock(), resources.ids.next()
    rows = await resources.database.fetch(_TAKE, *offer.key, offer.lease, lease, now + lease_duration(resources))
    if not rows:
        return None
    (row,) = rows
    position = LogPosition(row["event_tx"], offer.key.event_id)
    job = Job(offer.key, position, {}, row["attempts"], lease, row["created_at"])
    try:
        data = msgspec.json.decode(row["data"], type=dict[str, int])
        return job._replace(cause=take_cause(data), data=data)
    except msgspec.MsgspecError as error:
        raise UnreadableJob(job) from error


def lease_duration(resources: Resources) -> timedelta:
    """Returns the duration of a lease. It is longer than a job may take, so two workers never do it at once."""
    return timedelta(seconds=3 * resources.settings.work_deadline)


async def complete(transaction: Queries, job: Job) -> bool:
    """Deletes the job and returns whether the caller still had its lease."""
    return bool(await transaction.fetch(_COMPLETE, *job.key, job.lease))


async def continue_later(transaction: Queries, job: Job, due_at: datetime) -> bool:
    """Makes the job due again and returns whether the caller still had its lease."""
    return bool(await transaction.fetch(_CONTINUE, *job.key, job.lease, due_at))


async def dead_letter(transaction: Queries, job: Job, error: str, now: datetime) -> bool:
    """Moves a job to the dead letters and returns whether the caller still had its lease."""
    await transaction.fetch(_DEAD_LETTER, *job.key, job.lease, error, now)
    return await complete(transaction, job)


async def next_due_at(queries: Queries, handlers: Iterable[str]) -> datetime | None:
    """Returns the time at which the next job of some handlers is due."""
    rows = await queries.fetch(_NEXT_OF, list(handlers))
    return rows[0]["due_at"] if rows else None


async def unknown_jobs(
    queries: Queries, handlers: Iterable[str], now: datetime, max_rows: int, max_read: int = MAX_COUNTED
) -> list[UnknownJob]:
    """Returns those of the first `max_read` due jobs that have other handlers, the oldest first."""
    rows = await queries.fetch(_UNKNOWN, now, list(handlers), max_rows, max_read)
    return [
        UnknownJob(Offer(JobKey(row["owner_id"], row["event_id"], row["handler"]), row["lease"]), row["due_at"])
        for row in rows
    ]


async def measure_backlog(queries: Queries) -> Backlog:
    """Returns the backlog of all jobs."""
    (row,) = await queries.fetch(_BACKLOG, MAX_COUNTED)
    return Backlog(row["next_at"], row["jobs"], row["dead"])
