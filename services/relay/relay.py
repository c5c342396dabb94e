"""One step after the other along the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import Enum

from adapters.database import Queries
from core.errors import Unavailable
from events import Event, read_event
from services.log import START, Entry, read_log
from services.projections import Happened, project
from services.relay import position as positions
from services.resources import Resources
from services.streams import trim_streams

logger = logging.getLogger(__name__)

BATCH = 500
ATTEMPTS = 3
"""So often an event is tried by itself before it is set aside."""

_DEADLINE = 60.0
_LONGEST_ERROR = 1000
_TRIMMED_AT_ONCE = 5000

Project = Callable[[Queries, Sequence[Happened[Event]], Resources], Awaitable[None]]


class Progress(Enum):
    """What a step has come to."""

    MOVED = "some events are dealt with"
    FAILED = "some events cannot be projected; they are tried again"
    WAITING = "the next event may still be preceded by one that is not committed yet"
    NOT_OURS = "another relay is at it"
    DONE = "nothing is left to do"


class _Failed(Exception):
    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries


class Relay:
    """Projects the log, batch by batch, each in one transaction with the position behind it.

    So each event is projected once, whenever a relay is killed; and any number of relays may run, of which one is at
    it at a time. A batch that fails is tried again event by event. One that fails by itself is set aside.
    """

    def __init__(self, resources: Resources, *, project: Project = project, batch: int = BATCH) -> None:
        self._resources = resources
        self._database = resources.database
        self._project = project
        self._batch = batch
        self._begun = False
        self._careful_until = START
        self._failing = START
        self._attempts = 0

    async def step(self) -> Progress:
        """Deals with the next batch. `Unavailable` when the database does not answer."""
        if not self._begun:
            await positions.begin(self._database)
            self._begun = True
        if not await positions.is_behind(self._database):
            return Progress.DONE
        try:
            async with asyncio.timeout(_DEADLINE), self._database.transaction() as transaction:
                return await self._advance(transaction)
        except TimeoutError as error:
            raise Unavailable("A batch of the log takes too long.") from error
        except _Failed as failed:
            await self._blame(failed)
            return Progress.FAILED

    async def trim(self, before: datetime) -> None:
        """Forgets some of what streams have told before an instant, unless another relay is at it."""
        async with self._database.transaction() as transaction:
            if await positions.take(transaction) is not None:
                await trim_streams(transaction, before, _TRIMMED_AT_ONCE)

    async def _advance(self, transaction: Queries) -> Progress:
        position = await positions.take(transaction)
        if position is None:
            return Progress.NOT_OURS
        entries = await read_log(transaction, position, 1 if position < self._careful_until else self._batch)
        if not entries:
            return Progress.WAITING
        try:
            await self._project(transaction, [_happened(entry) for entry in entries], self._resources)
        except Exception as error:
            raise _Failed(entries) from error
        await positions.move(transaction, entries[-1].position)
        return Progress.MOVED

    async def _blame(self, failed: _Failed) -> None:
        """Finds out which event is at fault, unless it is the database, which is to answer first."""
        await self._database.fetch("SELECT 1 AS one")
        entries = failed.entries
        if len(entries) > 1:
            logger.warning("a batch of %d events failed; trying each by itself", len(entries), exc_info=failed)
            self._careful_until = entries[-1].position
            return
        (entry,) = entries
        self._attempts = self._attempts + 1 if entry.position == self._failing else 1
        self._failing = entry.position
        if self._attempts >= ATTEMPTS:
            await self._set_aside(entry, failed)

    async def _set_aside(self, entry: Entry, failed: _Failed) -> None:
        async with self._database.transaction() as transaction:
            position = await positions.take(transaction)
            if position is None or position >= entry.position:
                return
            cause = repr(failed.__cause__)[:_LONGEST_ERROR]
            await positions.set_aside(transaction, entry, cause, self._resources.clock())
        logger.error("an event is set aside: %s %s", entry.logged.type, tuple(entry.position), exc_info=failed)


def _happened(entry: Entry) -> Happened[Event]:
    return Happened(read_event(entry.logged), entry.position, entry.occurred_at)
