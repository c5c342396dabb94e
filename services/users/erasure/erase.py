"""The job that follows from `AccountDeleted`, and the job for leftovers that it enqueues."""

from datetime import timedelta

from events import AccountErased
from services.event_log.log import has_unprojected, has_unprojected_until
from services.jobs.job import Job, JobKey, Outcome
from services.jobs.table import NewJob, enqueue
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.erasure.own import erase_needed_by_relays, erase_own, has_cards, optimize_text_index
from services.users.erasure.shared import erase_shared

AT_ONCE = 100
"""The maximum of rows of each kind in one run. Their projection delays the relay by a few milliseconds."""

LEFTOVERS = "erase_leftovers"
_SLACK = timedelta(minutes=1)


async def erase_account(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Erases all rows, then enqueues `erase_leftovers` for the time when no access token is valid any more.

    Each run waits until the relay has projected the previous one, so few of these events precede those of other users.
    """
    if await has_unprojected(await work.transaction(), job.key.owner_id):
        return Outcome.SOON
    if await _erase_some(work, resources, job.key.owner_id):
        return Outcome.MORE
    again = JobKey(job.key.owner_id, job.key.event_id, LEFTOVERS)
    due_at = resources.clock() + timedelta(seconds=resources.settings.access_token_seconds) + _SLACK
    await enqueue(await work.transaction(), [NewJob(again, job.position, "{}")], due_at)
    return Outcome.DONE


async def erase_leftovers(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Erases rows that requests and projections have written since.

    It waits for the relay, which could write more, and for the job that removes cards at the payment provider.
    """
    owner_id = job.key.owner_id
    if await has_unprojected_until(await work.transaction(), owner_id, job.created_at):
        return Outcome.LATER
    if await _erase_some(work, resources, owner_id):
        return Outcome.MORE
    if work.events or await has_unprojected(await work.transaction(), owner_id):
        return Outcome.SOON
    if await has_cards(await work.transaction(), owner_id):
        return Outcome.LATER
    if await erase_needed_by_relays(await work.transaction(), owner_id, AT_ONCE):
        return Outcome.MORE
    work.emit(AccountErased(actor_id=owner_id))
    return Outcome.DONE


async def _erase_some(work: UnitOfWork, resources: Resources, owner_id: int) -> bool:
    """Erases a batch and returns whether there may be more."""
    transaction = await work.transaction()
    more = [
        await erase_shared(work, resources, owner_id, AT_ONCE),
        await erase_own(transaction, owner_id, AT_ONCE),
    ]
    if not any(more):
        await optimize_text_index(transaction)
    return any(more)
