"""Doing one job."""

import logging
import random
from datetime import timedelta

from core.errors import Unavailable
from core.tracebacks import format_error
from services.event_log import topics
from services.jobs.job import Handler, Handlers, Job, Offer, Outcome
from services.jobs.schedules import SCHEDULES
from services.jobs.table import UnreadableJob, acquire_lease, complete, continue_later, dead_letter, reschedule
from services.resources import Resources
from services.unit_of_work import unit_of_work

logger = logging.getLogger(__name__)

MAX_PAUSE = timedelta(hours=1)
_PAUSES = {
    Outcome.MORE: timedelta(),
    Outcome.SOON: timedelta(milliseconds=100),
    Outcome.LATER: timedelta(minutes=1),
}


class _LeaseLostError(Exception):
    """Somebody else has the job now."""


async def run_job(resources: Resources, handlers: Handlers, offer: Offer) -> None:
    """Does a job that was offered, unless somebody else has it. A failure is noted, and raises nothing.

    What the handler writes is kept together with the end of the job, so it is in effect once: a worker that was so slow
    that another one has taken the job keeps nothing.
    """
    try:
        job = await acquire_lease(resources, offer)
        if job is not None:
            await _try(resources, handlers, job)
    except UnreadableJob as error:
        await _set_aside(resources, error.job, format_error(error).rstrip())
    except Unavailable as error:
        logger.warning("a job has to wait: %s", error.message, extra=_facts(offer))


async def _try(resources: Resources, handlers: Handlers, job: Job) -> None:
    if job.attempts > resources.settings.job_attempts:
        await _set_aside(resources, job, f"{job.attempts - 1} workers were lost while they did this")
        return
    try:
        await _do(resources, handlers[job.key.handler], job)
    except _LeaseLostError:
        logger.warning("a job took so long that another worker has it", extra=_facts(job))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the job's, and is noted with it
        await _failed(resources, job, error)


async def _do(resources: Resources, handler: Handler, job: Job) -> None:
    async with unit_of_work(resources) as work:
        outcome = await handler(work, resources, job)
        transaction = await work.writing()
        if outcome is Outcome.DONE:
            ours = await complete(transaction, job)
        else:
            ours = await continue_later(transaction, job, resources.clock() + _PAUSES[outcome])
        if not ours:
            raise _LeaseLostError
        if job.key.handler in SCHEDULES and outcome in (Outcome.DONE, Outcome.MORE):
            work.after_commit(lambda: resources.background.record_heartbeat(job.key.handler))
        if outcome is Outcome.MORE:
            work.after_commit(lambda: resources.bus.wake(topics.JOBS))


async def _failed(resources: Resources, job: Job, error: Exception) -> None:
    """Has it tried again later, each time after a longer pause, or set aside when it was tried often enough."""
    if job.attempts >= resources.settings.job_attempts:
        await _set_aside(resources, job, format_error(error).rstrip())
        return
    logger.warning("a job failed and is tried again", exc_info=error, extra=_facts(job))
    due_at = resources.clock() + pause_after(resources, job.attempts)
    await reschedule(resources, [Offer(job.key, job.lease)], due_at)


async def _set_aside(resources: Resources, job: Job, why: str) -> None:
    async with resources.database.transaction() as transaction:
        await dead_letter(transaction, job, why, resources.clock())
    logger.error("a job is set aside: %s", why.rpartition("\n")[2], extra=_facts(job))


def pause_after(resources: Resources, attempts: int) -> timedelta:
    """Twice as long each time, and anything between that and half of it, so that what failed together comes apart."""
    longest = timedelta(seconds=resources.settings.job_pause) * 2 ** min(attempts - 1, 30)
    return min(longest, MAX_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - not for secrets


def _facts(job: Job | Offer) -> dict[str, object]:
    return {"handler": job.key.handler, "owner_id": job.key.owner_id, "event_id": job.key.event_id}
