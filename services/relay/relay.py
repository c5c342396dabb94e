"""One step after the other along the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum

from adapters.database import Queries
from core.errors import Contended, Unavailable
from core.tracebacks import described
from events import Event
from services.log import START, Entry, read_log
from services.projections import Happened, Projected, as_happened, project
from services.relay import position as positions
from services.relay.position import Taken
from services.resources import Resources
from services.unit_of_work import JOBS

logger = logging.getLogger(__name__)

BATCH = 500
ATTEMPTS = 3
"""So often an event is tried by itself before it is set aside."""

DEADLINE = 30.0
"""Seconds that a batch may take."""


Project = Callable[[Queries, Sequence[Happened[Event]], Resources], Awaitable[Projected]]


class Progress(Enum):
    """What a step has come to."""

    MOVED = "some events are dealt with"
    FAILED = "some events cannot be projected; they are tried again"
    WAITING = "the next events are another relay's, or may still be preceded by one that is not committed yet"
    DONE = "nothing is left to do"


class _Failed(Exception):
    def __init__(self, partition: int, entries: Sequence[Entry]) -> None:
        self.partition = partition
        self.entries = entries


class Relay:
    """Projects the log, batch by batch, each in one transaction with the position behind it.

    So each event is projected once, whenever a relay is killed; and any number of relays may run, of which one is at
    a partition at a time. A batch that fails is tried again event by event. One that fails by itself is set aside,
    unless it is the database that did not answer in time: that is no event's fault, and is waited for.
    """

    def __init__(self, resources: Resources, *, project: Project = project, batch: int = BATCH) -> None:
        self._resources = resources
        self._database = resources.database
        self._project = project
        self._batch = batch
        self._careful_until = dict[int, positions.Position]()
        self._failing = Taken(-1, START)
        self._attempts = 0
        self._jobs = 0

    async def step(self) -> Progress:
        """Deals with the next batch. `Unavailable` when the database does not answer."""
        if not await positions.is_behind(self._database):
            return Progress.DONE
        try:
            async with self._database.transaction() as transaction:
                progress = await self._advance(transaction)
        except Contended:
            logger.info("a batch was undone for another relay's, and is tried again")
            return Progress.WAITING
        except _Failed as failed:
            await self._blame(failed)
            return Progress.FAILED
        if self._jobs:
            self._resources.bus.wake(JOBS)
        return progress

    async def _advance(self, transaction: Queries) -> Progress:
        taken = await positions.take(transaction)
        if taken is None:
            return Progress.WAITING
        careful = taken.position < self._careful_until.get(taken.partition, START)
        entries = await read_log(transaction, *taken, 1 if careful else self._batch)
        try:
            async with asyncio.timeout(DEADLINE):
                batch = [as_happened(entry) for entry in entries]
                projected = await self._project(transaction, batch, self._resources)
        except Contended:
            raise
        except Exception as error:
            raise _Failed(taken.partition, entries) from error
        await positions.move(transaction, taken.partition, entries[projected.events - 1].position)
        self._jobs = projected.jobs
        return Progress.MOVED

    async def _blame(self, failed: _Failed) -> None:
        """Finds out which event is at fault, if one is."""
        entries = failed.entries
        if len(entries) > 1:
            logger.warning("a batch of %d events failed; trying each by itself", len(entries), exc_info=failed)
            self._careful_until[failed.partition] = entries[-1].position
            return
        if isinstance(failed.__cause__, Unavailable | TimeoutError):
            raise Unavailable("The database does not answer in time.") from failed
        (entry,) = entries
        failing = Taken(failed.partition, entry.position)
        self._attempts = self._attempts + 1 if failing == self._failing else 1
        self._failing = failing
        if self._attempts >= ATTEMPTS:
            await self._set_aside(entry, failed)

    async def _set_aside(self, entry: Entry, failed: _Failed) -> None:
        async with self._database.transaction() as transaction:
            if await positions.hold(transaction, failed.partition) >= entry.position:
                return
            why = described(failed.__cause__ or failed).rstrip()
            await positions.set_aside(transaction, failed.partition, entry, why, self._resources.clock())
        logger.error("an event is set aside: %s %s", entry.logged.type, tuple(entry.position), exc_info=failed)
