"""Schedules: handlers that run regularly."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.clock import Clock
from core.ids import EPOCH, id_at
from services.event_log.log import LogPosition
from services.jobs.job import JobKey
from services.jobs.table import NewJob, enqueue
from services.resources import Resources

NO_OWNER = 0
"""The owner id of jobs that belong to no user."""

SCHEDULES: Mapping[str, timedelta] = {
    "forget_old": timedelta(minutes=10),
    "index_words": timedelta(minutes=1),
    "reconcile_payments": timedelta(days=1),
    "settle_payments": timedelta(seconds=10),
}
"""The interval of each handler."""

_SLOT = {"handler": "text", "slot_at": "timestamptz"}
_BEGIN_SLOT = (
    "INSERT INTO job_schedules (handler, slot_at) SELECT handler, slot_at FROM input_rows WHERE true "
    "ON CONFLICT (handler) DO UPDATE SET slot_at = excluded.slot_at WHERE job_schedules.slot_at < excluded.slot_at "
    "RETURNING handler"
)

_LATEST = {"handler": "text", "latest_at": "timestamptz"}
_DROP_FUTURE = (
    "DELETE FROM job_schedules WHERE (handler) IN (SELECT s.handler FROM input_rows g JOIN job_schedules s "
    "ON s.handler = g.handler AND s.slot_at > g.latest_at)"
)
"""A process whose clock was ahead has begun slots of the future. Without this, nothing is due until then."""


def slot_of(now: datetime, interval: timedelta) -> datetime:
    """Returns the last instant at which a handler with this interval was due."""
    return EPOCH + (now - EPOCH) // interval * interval


class Scheduler:
    """Creates jobs of due handlers, one for each slot, in any number of processes."""

    def __init__(self, schedules: Mapping[str, timedelta] = SCHEDULES) -> None:
        self._schedules = schedules
        self._seen: dict[str, datetime] = {}

    async def make_jobs(self, resources: Resources) -> None:
        """Creates the jobs of new slots. It reads the database only after a slot has begun."""
        slots = self._current(resources.clock)
        begun = sorted((handler, slot) for handler, slot in slots.items() if self._seen.get(handler) != slot)
        if not begun:
            return
        latest = [(handler, slot + self._schedules[handler]) for handler, slot in begun]
        async with resources.database.transaction() as transaction:
            await transaction.fetch_with_rows(_DROP_FUTURE, _LATEST, latest)
            rows = await transaction.fetch_with_rows(_BEGIN_SLOT, _SLOT, begun)
            keys = [JobKey(NO_OWNER, id_at(slots[row["handler"]]), row["handler"]) for row in rows]
            jobs = [NewJob(key, LogPosition(0, key.event_id), "{}") for key in keys]
            await enqueue(transaction, jobs, resources.clock())
        self._seen = slots

    def _current(self, clock: Clock) -> dict[str, datetime]:
        return {handler: slot_of(clock(), interval) for handler, interval in self._schedules.items()}
