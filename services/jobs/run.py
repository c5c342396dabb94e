"""Runs one job."""

import logging
import random
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from core.errors import Unavailable
from core.tracebacks import format_error
from core.tracing import Span, SpanKind, current_span, traced
from models import cache_tags
from services.announcements import Announcement
from services.event_log import topics
from services.jobs.job import Handler, Handlers, Job, Offer, Outcome, Postponed
from services.jobs.schedules import SCHEDULES
from services.jobs.table import UnreadableJob, acquire_lease, complete, continue_later, dead_letter, reschedule
from services.resources import Resources
from services.unit_of_work import UnitOfWork, unit_of_work

logger = logging.getLogger(__name__)

MAX_PAUSE = timedelta(hours=1)
SELF_ANNOUNCING = frozenset({"announce_growth", "deliver_notification", "send_digest"})
"""Handlers that name what they change, by `UnitOfWork.changes`. Others may change everything of their owner."""

LEFT_PAUSE = timedelta(seconds=1)
"""The time after which a job that was offered to an older release is offered again."""

_UNKNOWN = "(unknown)"
"""Stands for handlers that this release does not have."""

_PAUSES = {
    Outcome.MORE: timedelta(),
    Outcome.SOON: timedelta(milliseconds=100),
    Outcome.LATER: timedelta(minutes=1),
}


class _LeaseLostError(Exception):
    """Another worker has the lease of the job now."""


async def run_job(resources: Resources, handlers: Handlers, offer: Offer) -> None:
    """Does a job that was offered, unless another worker has its lease. Records a failure and raises nothing.

    The handler's writes are committed together with the end of the job, so they take effect once: a worker that was so
    slow that another one has the lease commits nothing. A job of a handler that this release does not have is due again
    after a moment, without a counted attempt, so that a worker that has it takes the job.
    """
    try:
        if offer.key.handler not in handlers:
            resources.work.jobs[_UNKNOWN].outcomes["left"] += 1
            await reschedule(resources, [offer], resources.clock() + LEFT_PAUSE)
            return
        job = await acquire_lease(resources, offer)
        if job is not None:
            with _span(resources, job):
                await _try(resources, handlers, job)
    except UnreadableJob as error:
        await _move_to_dead_letters(resources, error.job, format_error(error).rstrip())
    except Unavailable as error:
        logger.warning("a job waits: %s", error.message, extra=_facts(offer))


def _span(resources: Resources, job: Job) -> AbstractContextManager[Span | None]:
    """Returns the span of a run of a job. It is sampled if the request that caused the job was."""
    attributes = {"bff.job.handler": job.key.handler, "bff.job.attempt": job.attempts}
    links = [] if job.cause is None else [job.cause]
    return traced(resources.tracer, f"job {job.key.handler}", SpanKind.CONSUMER, {**attributes}, links)


async def _try(resources: Resources, handlers: Handlers, job: Job) -> None:
    if job.attempts > resources.settings.job_attempts:
        await _move_to_dead_letters(resources, job, f"{job.attempts - 1} workers died during this job")
        return
    name = job.key.handler
    statistics = resources.work.jobs[name]
    try:
        with statistics.timed():
            outcome = await _do(resources, handlers[name], job)
        statistics.outcomes["done" if outcome is Outcome.DONE else "continued"] += 1
    except _LeaseLostError:
        statistics.outcomes["lost"] += 1
        logger.warning("a job took so long that another worker has its lease", extra=_facts(job))
    except Exception as error:  # noqa: BLE001 - any error of a handler is recorded with the job
        statistics.outcomes["failed"] += 1
        await _failed(resources, job, error)


async def _do(resources: Resources, handler: Handler, job: Job) -> Outcome | Postponed:
    announcement = Announcement(resources)
    try:
        return await _commit(resources, handler, job, announcement)
    finally:
        await announcement.complete()


async def _commit(resources: Resources, handler: Handler, job: Job, announcement: Announcement) -> Outcome | Postponed:
    async with unit_of_work(resources) as work:
        outcome = await handler(work, resources, job)
        # A worker that dies after the commit announces nothing.
        await announcement.prepare(_changed_tags(work, job))
        transaction = await work.transaction()
        if outcome is Outcome.DONE:
            has_lease = await complete(transaction, job)
        else:
            has_lease = await continue_later(transaction, job, _due_at(resources, outcome))
        if not has_lease:
            raise _LeaseLostError
        if job.key.handler in SCHEDULES and outcome in (Outcome.DONE, Outcome.MORE):
            work.after_commit(lambda: resources.background.record_heartbeat(job.key.handler))
        if outcome is Outcome.MORE:
            work.after_commit(lambda: resources.bus.wake(topics.JOBS))
    return outcome


def _changed_tags(work: UnitOfWork, job: Job) -> set[str]:
    if job.key.handler in SELF_ANNOUNCING:
        return work.tags
    return {*work.tags, cache_tags.viewer(job.key.owner_id), cache_tags.user(job.key.owner_id)}


def _due_at(resources: Resources, outcome: Outcome | Postponed) -> datetime:
    return outcome.until if isinstance(outcome, Postponed) else resources.clock() + _PAUSES[outcome]


async def _failed(resources: Resources, job: Job, error: Exception) -> None:
    """Reschedules a failed job after a growing pause, or moves it to the dead letters after its last attempt."""
    if (span := current_span.get()) is not None:
        span.fail(error)
    if job.attempts >= resources.settings.job_attempts:
        await _move_to_dead_letters(resources, job, format_error(error).rstrip())
        return
    logger.warning("a job failed and is tried again", exc_info=error, extra=_facts(job))
    due_at = resources.clock() + pause_after(resources, job.attempts)
    await reschedule(resources, [Offer(job.key, job.lease)], due_at)


async def _move_to_dead_letters(resources: Resources, job: Job, error_text: str) -> None:
    async with resources.database.transaction() as transaction:
        await dead_letter(transaction, job, error_text, resources.clock())
    logger.error("a job is a dead letter: %s", error_text.rpartition("\n")[2], extra=_facts(job))


def pause_after(resources: Resources, attempts: int) -> timedelta:
    """Returns the backoff: it doubles after each attempt.

    A random factor of 0.5 to 1 spreads jobs that failed together.
    """
    backoff = timedelta(seconds=resources.settings.job_pause) * 2 ** min(attempts - 1, 30)
    return min(backoff, MAX_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - not for secrets


def _facts(job: Job | Offer) -> dict[str, object]:
    return {"handler": job.key.handler, "owner_id": job.key.owner_id, "event_id": job.key.event_id}
