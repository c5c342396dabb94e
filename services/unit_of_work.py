"""One mutation field is one unit of work: all of it is kept, or nothing."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.database import Database, Queries
from core.errors import Unavailable
from events import Event
from services.event_log import topics
from services.resources import Resources

logger = logging.getLogger(__name__)


class _UndoneError(Exception):
    """Ends a transaction that is not to be kept."""


class UnitOfWork:
    """A transaction that begins with its first write, so that what comes before (hashing) holds no connection."""

    def __init__(self, database: Database, opened: AsyncExitStack) -> None:
        self._database = database
        self._opened = opened
        self._transaction: Queries | None = None
        self.hooks: list[Callable[[], None]] = []
        self.events: list[Event] = []

    @property
    def reading(self) -> Queries:
        """For what is only read: outside the transaction until it has begun, inside it from then on."""
        return self._transaction or self._database

    async def writing(self) -> Queries:
        """The transaction, begun when this is first called."""
        if self._transaction is None:
            self._transaction = await self._opened.enter_async_context(self._database.transaction())
        return self._transaction

    async def undo(self) -> None:
        """Undoes what was written so far and gives the connection back. The next write begins another transaction."""
        await self._opened.pop_all().__aexit__(_UndoneError, _UndoneError(), None)
        self._transaction = None

    def emit(self, event: Event) -> None:
        """Has the event in the log when everything is kept; never when it is not."""
        self.events.append(event)

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Calls `hook` once everything is kept; never when it is not."""
        self.hooks.append(hook)


@asynccontextmanager
async def unit_of_work(resources: Resources) -> AsyncGenerator[UnitOfWork]:
    """Commits when the block ends, events included, then wakes who reads the log, and runs the hooks.

    It rolls back when the block raises (a `ProblemError` too).

    After `work_deadline` seconds, or when the engine is gone, it is undone and raises `Unavailable`.
    """
    try:
        async with asyncio.timeout(resources.settings.work_deadline), AsyncExitStack() as opened:
            work = UnitOfWork(resources.database, opened)
            with resources.database.translated_errors():
                yield work
                if work.events:
                    await resources.log.append(await work.writing(), work.events)
    except TimeoutError as error:
        raise Unavailable("This takes too long at the moment. Try again.") from error
    if work.events:
        resources.bus.wake(topics.EVENT_LOG)
    for hook in work.hooks:
        try:
            hook()
        except Exception:
            logger.exception("a hook failed after its unit of work was committed")
