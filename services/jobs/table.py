"""The table of jobs, which is the truth about them, whichever engine carries them to workers."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from adapters.database import Queries
from services.event_log.log import LogPosition
from services.jobs.job import Job, JobKey, Offer
from services.resources import Resources

_JOB = {"owner_id": "bigint", "event_id": "bigint", "handler": "text", "event_tx": "bigint", "data": "text"}
_COLUMNS = ", ".join(_JOB)
_KEY = "owner_id = $1 AND event_id = $2 AND handler = $3"
_ENQUEUE = (
    f"INSERT INTO jobs ({_COLUMNS}, attempts, lease, due_at, created_at) "  # noqa: S608 - built from constants
    f"SELECT {_COLUMNS}, 0, 0, $1, $1 FROM input_rows WHERE true ON CONFLICT DO NOTHING"
)
_OFFER = (
    "UPDATE jobs SET due_at = $2 WHERE (owner_id, event_id, handler) IN (SELECT owner_id, event_id, handler FROM jobs "
    "WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING owner_id, event_id, handler, lease"
)
_OFFERED = {"owner_id": "bigint", "event_id": "bigint", "handler": "text", "lease": "bigint"}
_PUT_OFF = (
    "UPDATE jobs SET due_at = $1 "
    "WHERE (owner_id, event_id, handler, lease) IN (SELECT owner_id, event_id, handler, lease FROM input_rows)"
)
_TAKE = (
    f"UPDATE jobs SET attempts = attempts + 1, lease = $5, due_at = $6 WHERE {_KEY} AND lease = $4 "  # noqa: S608 - as above
    "RETURNING event_tx, data, attempts, created_at"
)
_SETTLE = f"DELETE FROM jobs WHERE {_KEY} AND lease = $4 RETURNING attempts"  # noqa: S608 - as above
_CONTINUE = f"UPDATE jobs SET attempts = 0, due_at = $5 WHERE {_KEY} AND lease = $4 RETURNING attempts"  # noqa: S608 - as above
_BURY = (
    f"INSERT INTO dead_jobs ({_COLUMNS}, created_at, error, died_at) "  # noqa: S608 - as above
    f"SELECT {_COLUMNS}, created_at, $5, $6 FROM jobs WHERE {_KEY} AND lease = $4"
)
_BACKLOG = (
    "SELECT (SELECT MIN(due_at) FROM jobs) AS next_at, "
    "(SELECT COUNT(*) FROM (SELECT 1 FROM jobs LIMIT $1) waiting) AS jobs, "
    "(SELECT COUNT(*) FROM (SELECT 1 FROM dead_jobs LIMIT $1) dead) AS dead"
)
MAX_COUNTED = 100_000


class NewJob(NamedTuple):
    """A job to be."""

    key: JobKey
    position: LogPosition
    data: str


class UnreadableJob(Exception):
    """A job whose data is not an object of whole numbers. To try it again would change nothing."""

    def __init__(self, job: Job) -> None:
        super().__init__("the data of this job is not an object of whole numbers")
        self.job = job


class Backlog(NamedTuple):
    """When the next job is due, if there is one; how many there are, and how many died, up to `MAX_COUNTED` each."""

    next_at: datetime | None
    jobs: int
    dead: int

    def seconds_late(self, now: datetime) -> float:
        """For how long the first job could have been done."""
        return max(0.0, (now - self.next_at).total_seconds()) if self.next_at else 0.0


async def enqueue(transaction: Queries, jobs: Iterable[NewJob], due_at: datetime) -> None:
    """Has these jobs done once the transaction is kept; one that is there already stays as it is."""
    rows = [(*job.key, job.position.tx, job.data) for job in jobs]
    await transaction.fetch_with_rows(_ENQUEUE, _JOB, rows, due_at)


async def offer_due(resources: Resources, most: int) -> list[Offer]:
    """Jobs that are due. They are due again when nobody has taken them for some time, so an offer may be lost."""
    now = resources.clock()
    rows = await resources.database.fetch(_OFFER, now, now + lease_duration(resources), most)
    return [Offer(JobKey(row["owner_id"], row["event_id"], row["handler"]), row["lease"]) for row in rows]


async def reschedule(resources: Resources, offers: Sequence[Offer], due_at: datetime) -> None:
    """Makes jobs due at another time, unless somebody has taken them meanwhile."""
    await resources.database.fetch_with_rows(
        _PUT_OFF, _OFFERED, [(*offer.key, offer.lease) for offer in offers], due_at
    )


async def acquire_lease(resources: Resources, offer: Offer) -> Job | None:
    """The job, which is the caller's while its lease lasts; None when it is done, or another worker has it.

    `UnreadableJob` when its data cannot be read; the caller has that job, too.
    """
    now, lease = resources.clock(), resources.ids.next()
    rows = await resources.database.fetch(_TAKE, *offer.key, offer.lease, lease, now + lease_duration(resources))
    if not rows:
        return None
    (row,) = rows
    position = LogPosition(row["event_tx"], offer.key.event_id)
    job = Job(offer.key, position, {}, row["attempts"], lease, row["created_at"])
    try:
        return job._replace(data=msgspec.json.decode(row["data"], type=dict[str, int]))
    except msgspec.MsgspecError as error:
        raise UnreadableJob(job) from error


def lease_duration(resources: Resources) -> timedelta:
    """Longer than a job may take, so that nobody else has it before whoever has it must have stopped."""
    return timedelta(seconds=3 * resources.settings.work_deadline)


async def complete(transaction: Queries, job: Job) -> bool:
    """Whether the job was still the caller's; it is gone now, if the transaction is kept."""
    return bool(await transaction.fetch(_SETTLE, *job.key, job.lease))


async def continue_later(transaction: Queries, job: Job, due_at: datetime) -> bool:
    """Whether the job was still the caller's; it is due again then."""
    return bool(await transaction.fetch(_CONTINUE, *job.key, job.lease, due_at))


async def dead_letter(transaction: Queries, job: Job, error: str, now: datetime) -> None:
    """Sets a job aside among the dead, if it is still the caller's."""
    await transaction.fetch(_BURY, *job.key, job.lease, error, now)
    await complete(transaction, job)


async def measure_backlog(queries: Queries) -> Backlog:
    (row,) = await queries.fetch(_BACKLOG, MAX_COUNTED)
    return Backlog(row["next_at"], row["jobs"], row["dead"])
