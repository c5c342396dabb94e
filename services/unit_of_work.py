"""One mutation field is one unit of work: all of it is kept, or nothing."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.database import Database, Queries

logger = logging.getLogger(__name__)


class UnitOfWork:
    """A transaction that begins with its first statement, so that what comes before (hashing) holds no connection."""

    def __init__(self, database: Database, transaction: AsyncExitStack) -> None:
        self.database = database
        """For what is read before the first write. Once a statement has run here, all others run here too."""
        self._opening = transaction
        self._queries: Queries | None = None
        self.hooks: list[Callable[[], None]] = []

    async def queries(self) -> Queries:
        """The transaction's connection."""
        if self._queries is None:
            self._queries = await self._opening.enter_async_context(self.database.transaction())
        return self._queries

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Calls `hook` once everything is kept; never when it is not."""
        self.hooks.append(hook)


@asynccontextmanager
async def unit_of_work(database: Database, deadline: float) -> AsyncGenerator[UnitOfWork]:
    """Commits when the block ends, then runs the hooks; rolls back when it raises (a `Refusal` too).

    After `deadline` seconds, or when the engine is gone, it is undone and raises `Unavailable`.
    """
    with database.answering():
        async with asyncio.timeout(deadline), AsyncExitStack() as transaction:
            work = UnitOfWork(database, transaction)
            yield work
    for hook in work.hooks:
        try:
            hook()
        except Exception:
            logger.exception("a hook failed after its unit of work was committed")
