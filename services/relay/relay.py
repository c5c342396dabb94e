"""One step after the other along the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from enum import Enum

from adapters.database import Queries
from core.errors import Contended, Unavailable
from core.tracebacks import format_error
from events import Event
from services.event_log import topics
from services.event_log.log import LogEntry, LogPosition, read_log
from services.relay import leases as positions
from services.relay.leases import Lane, PartitionState
from services.relay.projections import Projected, RecordedEvent, project, read_recorded
from services.resources import Resources

logger = logging.getLogger(__name__)

BATCH = 500
ATTEMPTS = 3
"""So often an event is tried by itself before it is set aside."""

_DEADLINES = {Lane.ALL: 30.0, Lane.PROMPT: 10.0, Lane.SLOW: 30.0}
"""Seconds that a batch may take."""

_MAX_PAUSE = 60.0


def pause_after(attempts: int) -> float:
    """Seconds until an event for which the database was too slow is tried again: twice as many each time."""
    return min(2.0 ** (attempts - 1), _MAX_PAUSE)


Project = Callable[[Queries, Sequence[RecordedEvent[Event]], Resources], Awaitable[Projected]]


class Progress(Enum):
    """What a step has come to."""

    MOVED = "some events are dealt with"
    FAILED = "some events cannot be projected; they are tried again"
    WAITING = "the next events are another relay's, or may still be preceded by one that is not committed yet"
    DONE = "nothing is left to do"


class _Failed(Exception):
    def __init__(self, partition: int, entries: Sequence[LogEntry]) -> None:
        self.partition = partition
        self.entries = entries


class Relay:
    """Projects the log, batch by batch, each in one transaction with the position behind it.

    So each event is projected once, whenever a relay is killed; and any number of relays may run, of which one is at
    a partition at a time. Partitions take turns. A batch that fails is tried again event by event. An event that fails
    by itself `ATTEMPTS` times is set aside. When the database was too slow for an event, its partition pauses, longer
    after each attempt, and its event is set aside when the pauses add up to `relay_patience`.
    """

    def __init__(
        self, resources: Resources, *, project: Project = project, batch: int = BATCH, lane: Lane = Lane.ALL
    ) -> None:
        self._resources = resources
        self._database = resources.database
        self._project = project
        self._batch = 1 if lane is Lane.SLOW else batch
        self._lane = lane
        self._careful_until = dict[int, LogPosition]()
        self._jobs = 0
        self._failed: _Failed | None = None

    async def step(self) -> Progress:
        """Deals with the next batch. `Unavailable` when the database does not answer."""
        self._failed = None
        if not await self._has_work():
            return Progress.DONE
        try:
            async with self._database.transaction() as transaction:
                progress = await self._advance(transaction)
        except Contended:
            logger.info("a batch was undone for another relay's, and is tried again")
            return Progress.WAITING
        except (_Failed, Unavailable) as error:
            if self._failed is None:
                raise
            if isinstance(error, Unavailable):
                logger.warning("a batch was lost with its connection: %s", error.message)
            await self._blame(self._failed)
            return Progress.FAILED
        if self._jobs:
            self._resources.bus.wake(topics.JOBS)
        return progress

    async def _has_work(self) -> bool:
        if self._lane is Lane.SLOW:
            return await positions.has_slow(self._database, self._resources.clock())
        return await positions.is_behind(self._database)

    async def _advance(self, transaction: Queries) -> Progress:
        taken = await positions.acquire_lease(transaction, self._lane, self._resources.clock())
        if taken is None:
            return Progress.WAITING
        careful_until = self._careful_until.get(taken.partition)
        careful = careful_until is not None and taken.position < careful_until
        entries = await read_log(transaction, *taken, 1 if careful else self._batch)
        try:
            async with asyncio.timeout(_DEADLINES[self._lane]):
                batch = [read_recorded(entry) for entry in entries]
                projected = await self._project(transaction, batch, self._resources)
        except Contended:
            raise
        except Exception as error:
            self._failed = _Failed(taken.partition, entries)
            raise self._failed from error
        await positions.advance(transaction, taken.partition, entries[projected.events - 1].position)
        self._jobs = projected.jobs
        return Progress.MOVED

    async def _blame(self, failed: _Failed) -> None:
        """Finds out which event is at fault: tries each by itself, and sets one aside that has failed often enough."""
        entries, slow = failed.entries, isinstance(failed.__cause__, Unavailable | TimeoutError)
        if len(entries) > 1:
            logger.warning("a batch of %d events failed; trying each by itself", len(entries), exc_info=failed)
            self._careful_until[failed.partition] = entries[-1].position
        async with self._database.transaction() as transaction:
            held = await positions.lock_partition(transaction, failed.partition)
            if held.position >= entries[0].position:
                return
            if len(entries) == 1 and self._is_enough(held.attempts + 1, slow=slow):
                await self._set_aside(transaction, failed)
            else:
                await self._note(transaction, failed, held, slow=slow)

    def _is_enough(self, attempts: int, *, slow: bool) -> bool:
        waited = sum(pause_after(attempt) for attempt in range(1, attempts))
        return attempts >= ATTEMPTS and (not slow or waited >= self._resources.settings.relay_patience)

    async def _note(self, transaction: Queries, failed: _Failed, held: PartitionState, *, slow: bool) -> None:
        now, attempts = self._resources.clock(), held.attempts + (len(failed.entries) == 1)
        if not slow:
            await positions.note_failure(transaction, failed.partition, attempts, held.stalled_at, None)
            return
        since, pause = held.stalled_at or now, pause_after(attempts) if attempts else 0.0
        retry_at = now + timedelta(seconds=pause)
        await positions.note_failure(transaction, failed.partition, attempts, since, retry_at)
        alarming = (now - since).total_seconds() > self._resources.settings.relay_alarm_seconds
        level = logging.ERROR if alarming else logging.WARNING
        facts = {"partition": failed.partition, "event_id": failed.entries[0].position.id, "attempts": attempts}
        logger.log(level, "the database is too slow for an event; its partition pauses %.0f s", pause, extra=facts)

    async def _set_aside(self, transaction: Queries, failed: _Failed) -> None:
        (entry,) = failed.entries
        why = format_error(failed.__cause__ or failed).rstrip()
        await positions.dead_letter(transaction, failed.partition, entry, why, self._resources.clock())
        logger.error("an event is set aside: %s %s", entry.logged.type, tuple(entry.position), exc_info=failed)
