"""The dispatcher offers due jobs from the table to the queue."""

import logging

from core.errors import Unavailable
from services.jobs.schedules import Scheduler
from services.jobs.table import measure_backlog, offer_due, reschedule
from services.resources import Resources

logger = logging.getLogger(__name__)


class Dispatcher:
    """Offers due jobs to the queue. Any number of dispatchers may run: one of them makes each offer."""

    def __init__(self, resources: Resources, scheduler: Scheduler) -> None:
        self._resources = resources
        self._scheduler = scheduler

    async def step(self, max_wait: float) -> float:
        """Offers as many jobs as the queue accepts, and returns the seconds to wait, at most `max_wait`.

        Raises `Unavailable` when the database or the queue is unavailable; the jobs then stay due.
        """
        resources = self._resources
        await self._scheduler.make_jobs(resources)
        capacity = await resources.queue.capacity()
        offers = await offer_due(resources, capacity)
        try:
            await resources.queue.offer([offer.encode() for offer in offers])
        except Unavailable:
            await reschedule(resources, offers, resources.clock())
            raise
        if len(offers) == capacity:
            return 0.0
        next_at = (await measure_backlog(resources.database)).next_at
        if next_at is None:
            return max_wait
        return min(max_wait, max(0.0, (next_at - resources.clock()).total_seconds()))
