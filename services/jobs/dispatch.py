"""The dispatcher offers due jobs from the table to the queue."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from core.errors import Unavailable
from core.tracebacks import error_summary
from services.jobs.schedules import Scheduler
from services.jobs.table import next_due_at, offer_due, reschedule, unknown_jobs
from services.resources import Resources

logger = logging.getLogger(__name__)

UNKNOWN_EVERY = timedelta(seconds=10)
"""The time between two looks for jobs that this release does not know."""

MAX_READ = 10_000
"""The number of due jobs that such a look reads at most. An unknown job grows old, so it comes first in the end."""


class Dispatcher:
    """Offers due jobs of its handlers to the queue. Any number of dispatchers may run: one of them makes each offer.

    Jobs of other handlers are left to the dispatchers of the release that knows them.
    """

    def __init__(self, resources: Resources, scheduler: Scheduler, handlers: Iterable[str]) -> None:
        self._resources = resources
        self._scheduler = scheduler
        self._handlers = list(handlers)
        self._looked_at: datetime | None = None
        self._logged = set[str]()

    async def step(self, max_wait: float) -> float:
        """Offers as many jobs as the queue accepts, and returns the seconds to wait, at most `max_wait`.

        Raises `Unavailable` when the database or the queue is unavailable; the jobs then stay due.
        """
        resources = self._resources
        await self._scheduler.make_jobs(resources)
        capacity = await resources.queue.capacity()
        offers = await offer_due(resources, capacity, self._handlers)
        try:
            await resources.queue.offer([offer.encode() for offer in offers])
        except Unavailable:
            await reschedule(resources, offers, resources.clock())
            raise
        await self._look_for_unknown()
        if len(offers) == capacity:
            return 0.0
        next_at = await next_due_at(resources.database, self._handlers)
        if next_at is None:
            return max_wait
        return min(max_wait, max(0.0, (next_at - resources.clock()).total_seconds()))

    async def _look_for_unknown(self) -> None:
        """Measures since when a job of a newer release is due. Each handler is logged once.

        The measurement must not stop offers, so it keeps its last value while the database does not answer it.
        """
        now = self._resources.clock()
        if self._looked_at is not None and now - self._looked_at < UNKNOWN_EVERY:
            return
        self._looked_at = now
        try:
            first = await unknown_jobs(self._resources.database, self._handlers, now, 1, MAX_READ)
        except Unavailable as error:
            logger.warning("jobs of newer releases could not be looked for", extra={"error": error_summary(error)})
            return
        self._resources.work.unknown_job_at = first[0].due_at if first else None
        for handler in {unknown.offer.key.handler for unknown in first} - self._logged:
            self._logged.add(handler)
            logger.warning("a job of a newer release is left to its workers", extra={"handler": handler})
