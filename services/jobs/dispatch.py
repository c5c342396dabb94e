"""From the table to the queue."""

import logging

from core.errors import Unavailable
from services.jobs.schedules import Scheduler
from services.jobs.table import measure_backlog, offer_due, reschedule
from services.resources import Resources

logger = logging.getLogger(__name__)


class Dispatcher:
    """Offers what is due to the queue. Any number of dispatchers may run: each offer is made by one."""

    def __init__(self, resources: Resources, scheduler: Scheduler) -> None:
        self._resources = resources
        self._scheduler = scheduler

    async def step(self, longest: float) -> float:
        """Offers as much as the queue takes. Returns after how many seconds, `longest` at most, to look again.

        `Unavailable` when the database or the queue is gone; then the jobs stay due.
        """
        resources = self._resources
        await self._scheduler.make_jobs(resources)
        capacity = await resources.queue.capacity()
        offers = await offer_due(resources, capacity)
        try:
            await resources.queue.offer([offer.written() for offer in offers])
        except Unavailable:
            await reschedule(resources, offers, resources.clock())
            raise
        if len(offers) == capacity:
            return 0.0
        next_at = (await measure_backlog(resources.database)).next_at
        if next_at is None:
            return longest
        return min(longest, max(0.0, (next_at - resources.clock()).total_seconds()))
