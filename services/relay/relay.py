"""The relay's steps along the event log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from enum import Enum

from adapters.database import Queries
from core.errors import Contended, Unavailable
from core.tracebacks import format_error
from events import Event
from services.announcements import Announcement
from services.event_log import topics
from services.event_log.event_streams import RowKey
from services.event_log.log import LogEntry, LogPosition, read_log
from services.relay import leases
from services.relay.leases import PartitionFilter, PartitionState
from services.relay.projections import Projected, RecordedEvent, project
from services.relay.traces import projection_span
from services.relay.unknown import LeftPartitions, read_known
from services.resources import Resources

logger = logging.getLogger(__name__)

BATCH = 500
ATTEMPTS = 3
"""The number of attempts of an event by itself before it becomes a dead letter."""

_DEADLINES = {PartitionFilter.ALL: 30.0, PartitionFilter.PROMPT: 10.0, PartitionFilter.SLOW: 30.0}
"""The maximum seconds of a batch."""

_MAX_PAUSE = 60.0


def pause_after(attempts: int) -> float:
    """Returns the seconds until the next attempt of an event that is too slow. The pause doubles each time."""
    return min(2.0 ** (attempts - 1), _MAX_PAUSE)


Project = Callable[[Queries, Sequence[RecordedEvent[Event]], Resources], Awaitable[Projected]]


class Progress(Enum):
    """The result of a step."""

    MOVED = "some events are projected"
    FAILED = "some events cannot be projected; they are tried again"
    LEFT = "the next event of a partition is left to a newer release"
    WAITING = "another relay projects the next events, or an uncommitted event may precede them"
    DONE = "nothing is left to do"


class _Failed(Exception):
    """A batch that could not be projected."""

    def __init__(self, partition: int, entries: Sequence[LogEntry]) -> None:
        self.partition = partition
        self.entries = entries


class Relay:
    """Projects the log in batches, each in one transaction with the new position.

    So each event is projected once, even if a relay is killed. Any number of relays may run; a partition has one at a
    time, and partitions take turns. A batch that fails is tried again event by event. An event that fails `ATTEMPTS`
    times by itself becomes a dead letter. If an event is too slow for the database, its partition pauses, longer after
    each attempt. The event becomes a dead letter when the pauses add up to `relay_patience`. A partition whose next
    event is of a newer release is left to the relays of that release.
    """

    def __init__(
        self,
        resources: Resources,
        *,
        project: Project = project,
        batch: int = BATCH,
        partition_filter: PartitionFilter = PartitionFilter.ALL,
    ) -> None:
        self._resources = resources
        self._database = resources.database
        self._project = project
        self._batch = 1 if partition_filter is PartitionFilter.SLOW else batch
        self._partition_filter = partition_filter
        self._single_until = dict[int, LogPosition]()
        self._left = LeftPartitions(resources.work)
        self._jobs = 0
        self._streams: Sequence[RowKey] = ()
        self._events: Sequence[str] = ()
        self._failed: _Failed | None = None

    async def step(self) -> Progress:
        """Projects the next batch. Raises `Unavailable` if the database does not answer."""
        self._failed = None
        if not await self._has_work():
            return Progress.DONE
        batches = self._resources.work.batches
        try:
            with batches.timed():
                progress = await self._project_next()
            batches.outcomes[progress.name.lower()] += 1
        except Contended:
            batches.outcomes["waiting"] += 1
            logger.info("a batch was rolled back for another relay, and is tried again")
            return Progress.WAITING
        except (_Failed, Unavailable) as error:
            batches.outcomes["failed"] += 1
            if self._failed is None:
                raise
            if isinstance(error, Unavailable):
                logger.warning("a batch failed with its connection: %s", error.message)
            await self._handle_failed_batch(self._failed)
            return Progress.FAILED
        if progress is Progress.MOVED:
            self._resources.work.projected.update(self._events)
            self._wake()
        return progress

    async def _project_next(self) -> Progress:
        announcement = Announcement(self._resources)
        try:
            async with self._database.transaction() as transaction:
                return await self._advance(transaction, announcement)
        finally:
            await announcement.complete()

    def _wake(self) -> None:
        """Wakes what reads the jobs and event streams of the batch that was committed."""
        if self._jobs:
            self._resources.bus.wake(topics.JOBS)
        topics.wake_streams(self._resources.bus, self._streams)

    async def _has_work(self) -> bool:
        left = await self._left.refresh(self._database)
        if self._partition_filter is PartitionFilter.SLOW:
            return await leases.has_slow(self._database, self._resources.clock(), left)
        return await leases.is_behind(self._database, left)

    async def _advance(self, transaction: Queries, announcement: Announcement) -> Progress:
        now, left = self._resources.clock(), self._left.partitions
        lease = await leases.acquire_lease(transaction, self._partition_filter, now, left)
        if lease is None:
            return Progress.WAITING
        single_until = self._single_until.get(lease.partition)
        single = single_until is not None and lease.position < single_until
        entries = await read_log(transaction, *lease, 1 if single else self._batch)
        try:
            async with asyncio.timeout(_DEADLINES[self._partition_filter]):
                batch = read_known(entries)
                if not batch:
                    self._left.add(lease, entries[0])
                    return Progress.LEFT
                with projection_span(self._resources.tracer, batch):
                    projected = await self._project(transaction, batch, self._resources)
        except Contended:
            raise
        except Exception as error:
            self._failed = _Failed(lease.partition, entries)
            raise self._failed from error
        await leases.advance(transaction, lease.partition, entries[projected.events - 1].position)
        await announcement.prepare(projected.tags)
        self._jobs, self._streams = projected.jobs, projected.streams
        self._events = [entry.logged.type for entry in entries[: projected.events]]
        return Progress.MOVED

    async def _handle_failed_batch(self, failed: _Failed) -> None:
        """Finds the event that fails, by single attempts, and moves it to the dead letters after the last one."""
        entries, slow = failed.entries, isinstance(failed.__cause__, Unavailable | TimeoutError)
        if len(entries) > 1:
            logger.warning("a batch of %d events failed; trying each by itself", len(entries), exc_info=failed)
            self._single_until[failed.partition] = entries[-1].position
        async with self._database.transaction() as transaction:
            state = await leases.lock_partition(transaction, failed.partition)
            if state.position >= entries[0].position:
                return
            if len(entries) == 1 and self._attempts_are_used(state.attempts + 1, slow=slow):
                await self._dead_letter(transaction, failed)
            else:
                await self._note(transaction, failed, state, slow=slow)

    def _attempts_are_used(self, attempts: int, *, slow: bool) -> bool:
        waited = sum(pause_after(attempt) for attempt in range(1, attempts))
        return attempts >= ATTEMPTS and (not slow or waited >= self._resources.settings.relay_patience)

    async def _note(self, transaction: Queries, failed: _Failed, state: PartitionState, *, slow: bool) -> None:
        now, attempts = self._resources.clock(), state.attempts + (len(failed.entries) == 1)
        if not slow:
            await leases.note_failure(transaction, failed.partition, attempts, state.stalled_at, None)
            return
        since, pause = state.stalled_at or now, pause_after(attempts) if attempts else 0.0
        retry_at = now + timedelta(seconds=pause)
        await leases.note_failure(transaction, failed.partition, attempts, since, retry_at)
        alarming = (now - since).total_seconds() > self._resources.settings.relay_alarm_seconds
        level = logging.ERROR if alarming else logging.WARNING
        facts = {"partition": failed.partition, "event_id": failed.entries[0].position.id, "attempts": attempts}
        logger.log(level, "the database is too slow for an event; its partition pauses %.0f s", pause, extra=facts)

    async def _dead_letter(self, transaction: Queries, failed: _Failed) -> None:
        (entry,) = failed.entries
        error_text = format_error(failed.__cause__ or failed).rstrip()
        await leases.dead_letter(transaction, failed.partition, entry, error_text, self._resources.clock())
        logger.error("an event is a dead letter: %s %s", entry.logged.type, tuple(entry.position), exc_info=failed)
