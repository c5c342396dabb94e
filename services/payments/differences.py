"""The daily comparison with the provider's statement, and the differences that it found.

A day is compared in parts of an hour, so that each fits into the time of a job.
"""

import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import msgspec

from adapters.database import Columns, Queries
from adapters.payments import NO_PROVIDER, ProviderUnavailable
from core.ids import id_at, time_of
from services.event_log import topics
from services.event_log.log import LogPosition
from services.jobs.job import Job, JobKey, Outcome
from services.jobs.table import NewJob, enqueue
from services.payments.reconcile import Difference, reconcile
from services.resources import Resources
from services.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

DELAY = timedelta(hours=1)
"""The age of payments when they are compared, so that those that wait for the provider have been settled."""

MAX_STORED = 1_000
"""The maximum of differences of one comparison that are stored. More are the same alarm."""

_PART = timedelta(hours=1)
_PARTS = 24
_FORGET = "DELETE FROM payment_differences WHERE provider = $1 AND happened_at >= $2 AND happened_at < $3"
_DIFFERENCE: Columns = {
    "kind": "text",
    "reference": "text",
    "payment_owner_id": "bigint",
    "payment_id": "bigint",
    "happened_at": "timestamptz",
}
_STORE = (
    "INSERT INTO payment_differences (provider, kind, reference, payment_owner_id, payment_id, happened_at, found_at) "
    "SELECT $1, kind, reference, payment_owner_id, payment_id, happened_at, $2 FROM input_rows WHERE true "
    "ON CONFLICT (provider, reference, kind) DO UPDATE SET happened_at = excluded.happened_at"
)
_COUNT = "SELECT COUNT(*) AS differences FROM payment_differences"


async def reconcile_payments(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Creates the jobs that compare the day before, one for each hour. Does nothing without a provider."""
    if resources.payments.name == NO_PROVIDER:
        return Outcome.DONE
    slot = time_of(job.key.event_id)
    begins = [slot - DELAY - _PART * (number + 1) for number in range(_PARTS)]
    jobs: list[NewJob] = []
    for since in begins:
        key = JobKey(job.key.owner_id, id_at(since), "reconcile_hour")
        data = {"since": _milliseconds(since), "until": _milliseconds(since + _PART)}
        jobs.append(NewJob(key, LogPosition(0, key.event_id), msgspec.json.encode(data).decode()))
    await enqueue(await work.transaction(), jobs, resources.clock())
    work.after_commit(lambda: resources.bus.wake(topics.JOBS))
    return Outcome.DONE


async def reconcile_hour(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Compares a time with the statement, and stores the differences. No connection is held meanwhile.

    If the provider does not answer, the job runs again later, as often as it takes.
    """
    if not {"since", "until"} <= job.data.keys():
        return Outcome.DONE
    since, until = _instant(job.data["since"]), _instant(job.data["until"])
    found: list[Difference] = []
    try:
        async with aclosing(reconcile(resources, since, until)) as differences:
            async for difference in differences:
                found.append(difference)
                if len(found) == MAX_STORED:
                    break
    except ProviderUnavailable as error:
        logger.warning("a comparison waits for the provider: %s", error, extra={"since": since.isoformat()})
        return Outcome.LATER
    for difference in found:
        log_difference(difference)
    await _store(await work.transaction(), resources, found, since, until)
    return Outcome.DONE


async def replace_differences(
    resources: Resources, found: Sequence[Difference], since: datetime, until: datetime
) -> None:
    """Replaces the stored differences of a time, in a transaction of its own."""
    async with resources.database.transaction() as transaction:
        await _store(transaction, resources, found, since, until)


async def _store(
    transaction: Queries, resources: Resources, found: Sequence[Difference], since: datetime, until: datetime
) -> None:
    """Replaces the stored differences of a time with those that were found now."""
    provider = resources.payments.name
    await transaction.fetch(_FORGET, provider, since, until)
    rows = {
        (difference.reference, difference.kind): (
            difference.kind.value,
            difference.reference,
            *(difference.payment or (None, None)),
            difference.happened_at,
        )
        for difference in found
    }
    await transaction.fetch_with_rows(_STORE, _DIFFERENCE, list(rows.values()), provider, resources.clock())


async def count_differences(queries: Queries) -> int:
    """Returns the number of differences that were found and are not resolved."""
    (row,) = await queries.fetch(_COUNT)
    return row["differences"]


def log_difference(difference: Difference) -> None:
    """Logs a difference, with ids only."""
    facts = {"kind": difference.kind.value, "reference": difference.reference}
    if difference.payment is not None:
        facts |= {"owner_id": difference.payment.owner_id, "payment_id": difference.payment.id}
    logger.error("the ledger differs from the statement of the payment provider", extra=facts)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
