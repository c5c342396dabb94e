"""The loops of the relay, one for slow partitions and one for the others."""

import asyncio
import logging
from datetime import datetime, timedelta

from core.errors import Unavailable
from services.event_log import topics
from services.relay import PartitionFilter, Progress, Project, Relay, measure_lag
from services.relay.projections import project
from services.resources import Resources

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_WAITING = "the relay waits for the database"
_MIN_WAIT = 0.002
_MAX_WAIT = 0.1
_LAG_CHECK_EVERY = timedelta(seconds=10)


async def run_relay(resources: Resources, project: Project = project) -> None:
    """Projects new events of the log until it is cancelled. The bus wakes it; without the bus it polls every second.

    A second loop handles partitions for whose events the database is too slow, so that other partitions do not wait.
    """
    supervise = resources.background.supervise
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervise("relay", lambda: _run_prompt(resources, project)))
        tasks.create_task(supervise("relay of slow events", lambda: _run_slow(resources, project)))


async def _run_prompt(resources: Resources, project: Project) -> None:
    loop = _Loop(resources, project)
    with resources.bus.listen(topics.EVENT_LOG) as listener:
        while True:
            progress = await loop.step()
            if progress is not None:
                resources.background.record_heartbeat("relay")
            if progress is Progress.WAITING:
                await asyncio.sleep(loop.wait())
            elif progress not in (Progress.MOVED, Progress.FAILED, Progress.LEFT):
                await listener.wait(_POLL_SECONDS)


async def _run_slow(resources: Resources, project: Project) -> None:
    relay = Relay(resources, project=project, partition_filter=PartitionFilter.SLOW)
    while True:
        progress = await resources.background.attempt("relay", relay.step, _WAITING)
        if progress is not None:
            resources.background.record_heartbeat("relay of slow events")
        if progress not in (Progress.MOVED, Progress.LEFT):
            await asyncio.sleep(_POLL_SECONDS)


class _Loop:
    def __init__(self, resources: Resources, project: Project) -> None:
        self._resources = resources
        self._relay = Relay(resources, project=project, partition_filter=PartitionFilter.PROMPT)
        self._wait = _MIN_WAIT
        self._lag_checked_at: datetime | None = None

    async def step(self) -> Progress | None:
        """Runs one step of the relay. Returns its progress, or None if the step failed."""
        await self._check_lag()
        progress = await self._resources.background.attempt("relay", self._relay.step, _WAITING)
        if progress is not Progress.WAITING:
            self._wait = _MIN_WAIT
        return progress

    def wait(self) -> float:
        """Returns the seconds to wait for an uncommitted transaction. The wait doubles with each call in a row."""
        seconds, self._wait = self._wait, min(self._wait * 2, _MAX_WAIT)
        return seconds

    async def _check_lag(self) -> None:
        """Logs an error if the relay is behind or positions are ahead of the database. Checks every ten seconds."""
        now, settings = self._resources.clock(), self._resources.settings
        if self._lag_checked_at is not None and now - self._lag_checked_at < _LAG_CHECK_EVERY:
            return
        self._lag_checked_at = now
        try:
            lag = await measure_lag(self._resources.database, now)
        except Unavailable as error:
            logger.warning("the relay's lag is unknown: %s", error.message)
            return
        if lag.ahead:
            logger.error("positions are ahead of the database: run 'bff log rebase'", extra={"partitions": lag.ahead})
        if lag.seconds > settings.relay_alarm_seconds:
            facts = {"seconds": round(lag.seconds, 1), "events": lag.events}
            logger.error("the relay is behind", extra=facts)
