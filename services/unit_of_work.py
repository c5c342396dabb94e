"""A unit of work is the transaction of one mutation field: all of its writes are committed, or none."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from adapters.database import Database, Queries
from core.deadlines import shortened
from core.errors import Contended
from core.viewer import SignedIn
from events import Event
from models import cache_tags
from services.announcements import announce_changes
from services.event_log import topics
from services.resources import Resources

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.32
ResultT = TypeVar("ResultT")


class _UndoneError(Exception):
    """Rolls a transaction back without an error for the caller."""


class UnitOfWork:
    """A transaction that begins with its first write, so that work before it (hashing) holds no connection."""

    def __init__(self, database: Database, opened: AsyncExitStack) -> None:
        self._database = database
        self._opened = opened
        self._transaction: Queries | None = None
        self.hooks: list[Callable[[], None]] = []
        self.events: list[Event] = []
        self.repeated: list[Event] = []
        """Events of earlier requests, whose changes are announced again."""
        self.tags = set[str]()
        """The tags of changes without an event."""

    @property
    def queries(self) -> Queries:
        """The queries for reads: outside the transaction before it begins, inside it afterwards."""
        return self._transaction or self._database

    @property
    def is_begun(self) -> bool:
        """Returns whether the transaction has begun."""
        return self._transaction is not None

    async def transaction(self) -> Queries:
        """Returns the transaction, which the first call begins."""
        if self._transaction is None:
            self._transaction = await self._opened.enter_async_context(self._database.transaction())
        return self._transaction

    async def undo(self) -> None:
        """Rolls back all writes so far and releases the connection. The next write begins a new transaction."""
        await self._opened.pop_all().__aexit__(_UndoneError, _UndoneError(), None)
        self._transaction = None

    def emit(self, event: Event) -> None:
        """Appends the event to the event log when the unit of work is committed."""
        self.events.append(event)

    def repeat(self, event: Event) -> None:
        """Announces the changes of an event that an earlier request has emitted. It may not have announced them."""
        self.repeated.append(event)

    def changes(self, tag: str) -> None:
        """Announces a tag to the response cache when the unit of work is committed, in addition to those of events."""
        self.tags.add(tag)

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Calls `hook` when the unit of work is committed."""
        self.hooks.append(hook)


@asynccontextmanager
async def unit_of_work(resources: Resources, deadline: float | None = None) -> AsyncGenerator[UnitOfWork]:
    """Commits writes and events when the block ends, then wakes readers of the event log and runs the hooks.

    If it changes nothing, because an earlier request did, its commit waits for standbys like the earlier one. It ends
    when the response cache knows of the changes, so that later requests receive no older responses. It rolls
    back when the block raises an error. It rolls back and raises `Unavailable` after `deadline` seconds
    (`work_deadline` by default), when the request ends before its commit, or when the database is unavailable.
    """
    seconds = shortened(resources.settings.work_deadline if deadline is None else deadline)
    opened = AsyncExitStack()
    work = UnitOfWork(resources.database, opened)
    try:
        async with asyncio.timeout(seconds) as limit, opened:
            with resources.database.translated_errors():
                yield work
                if work.events:
                    await resources.log.append(await work.transaction(), work.events)
                elif work.is_begun:
                    transaction = await work.transaction()
                    await transaction.dialect.await_standbys(transaction.client)
            if not limit.expired():
                limit.reschedule(None)  # The commit has a deadline of its own. An interrupted one may take effect.
    except TimeoutError as error:
        raise resources.database.too_slow(is_begun=work.is_begun) from error
    if work.events:
        resources.bus.wake(topics.EVENT_LOG)
    for hook in work.hooks:
        try:
            hook()
        except Exception:
            logger.exception("a hook failed after its unit of work was committed")
    if work.is_begun:
        await announce_changes(resources, [*work.events, *work.repeated], work.tags)


async def in_unit_of_work(
    resources: Resources, step: Callable[[UnitOfWork], Awaitable[ResultT]], viewer: SignedIn | None = None
) -> ResultT:
    """Returns the result of a step after its unit of work was committed, and announces that the viewer wrote.

    Repeats the step, with growing pauses, if the database rolled it back in favor of a concurrent transaction. Raises
    `Unavailable` after `work_deadline` seconds in total.
    """
    loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
    ends_at = loop.time() + shortened(resources.settings.work_deadline)
    while True:
        try:
            async with unit_of_work(resources, ends_at - loop.time()) as work:
                if viewer is not None:
                    work.changes(cache_tags.viewer(viewer.user_id))
                result = await step(work)
        except Contended:
            wait = random.uniform(pause / 2, pause)  # noqa: S311 - spreads repetitions in time
            if loop.time() + wait >= ends_at:
                raise
            await asyncio.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return result
