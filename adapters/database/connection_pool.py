"""A connection pool on top of asyncpg's pool, which reuses connections without a reset.

asyncpg's pool opens and closes connections. Its `acquire` and `release` cost as much as a small read: a task or two,
and `RESET ALL` on the server. The product changes no session state, so a connection after a successful statement needs
no reset, and goes to the caller that has waited longest.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg
from tortoise.exceptions import DBConnectionError

from adapters.database.pipelines import Pipelines
from adapters.database.rows import Rows
from adapters.database.slots import ConnectionSlots
from core.durations import Durations
from core.operation_counts import operation_counts

logger = logging.getLogger(__name__)

WAIT_BOUNDS = (0.001, 0.01, 0.1, 1.0)
"""Upper bounds of the buckets of waits, in seconds."""

_RESET_SECONDS = 1.0
_CLOSED = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The exceptions of asyncpg's pool after it has closed a connection that it could not reset."""


class ConnectionPool:
    """Replaces the pool of Tortoise's client. At most `size` connections are in use at a time; other callers wait."""

    def __init__(self, pool: asyncpg.Pool, size: int) -> None:
        self._pool = pool
        self.size = size
        self.slots = ConnectionSlots(size)
        self.pipelines: Pipelines | None = None
        """The other connections, for statements outside of transactions."""
        self._lane = self.slots.transactions
        self._lane.count_open = self._count_open
        self._lane.close_idle = self._close_idle
        self._opening = 0
        self.waits = Durations(WAIT_BOUNDS)
        """The time that callers waited for a connection, if none was free."""

    @property
    def in_use(self) -> int:
        """The number of connections that callers have taken."""
        return self.size - self.slots.free

    @property
    def waiting(self) -> int:
        """The number of callers that wait for a connection."""
        return len(self._lane.waiting) + len(self.slots.pipelines.waiting)

    async def take(self, deadline: float | None) -> Any:
        """Returns a connection for `give_back` or `release`. Raises `TimeoutError` after `deadline` seconds."""
        if self.slots.take(self._lane):
            idle = self._lane.idle
            if idle and not _is_closed(idle[-1]):
                return idle.pop()
            return await self._open(deadline)
        start = time.monotonic()
        connection = await self._wait(deadline)
        if connection is None or _is_closed(connection):
            remaining = None if deadline is None else deadline - (time.monotonic() - start)
            return await self._open(remaining, connection)
        return connection

    async def _wait(self, deadline: float | None) -> Any:
        """Waits for a connection that another caller gives back; None when it gives back only its slot."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        waiter = self.slots.wait(self._lane, partial(_give, future))
        timer = None if deadline is None else loop.call_later(deadline, _time_out, future)
        start = time.monotonic()
        try:
            return await future
        except BaseException:
            if waiter in self._lane.waiting:
                self._lane.waiting.remove(waiter)
            elif not future.cancelled() and future.exception() is None:
                self._pass_on(future.result())
            raise
        finally:
            if timer is not None:
                timer.cancel()
            self.note_wait(time.monotonic() - start)

    def note_wait(self, seconds: float) -> None:
        """Notes how long a caller has waited for a connection."""
        self.waits.add(seconds)
        if (counts := operation_counts.get()) is not None:
            counts.pool_seconds += seconds

    async def _open(self, deadline: float | None, closed: Any = None) -> Any:
        """Opens a connection in the slot of the caller. If that fails, the slot goes to the next waiter."""
        self._opening += 1
        try:
            async with asyncio.timeout(deadline):
                if closed is not None:
                    await self._pool.release(closed)
                while self._lane.idle:
                    connection = self._lane.idle.pop()
                    if not _is_closed(connection):
                        return connection
                    await self._pool.release(connection)
                if not self._pool.get_idle_size():
                    await self.slots.make_room(self._lane)
                return await self._pool.acquire()
        except asyncpg.PostgresError as error:
            # No statement ran, whatever the server answered to the new connection.
            self._pass_on(None)
            raise DBConnectionError(error) from error
        except BaseException:
            self._pass_on(None)
            raise
        finally:
            self._opening -= 1

    def _pass_on(self, connection: Any) -> None:
        """Passes a slot, with a connection or without, to the first waiter."""
        self.slots.pass_on(self._lane, connection)

    def _count_open(self) -> int:
        return self._pool.get_size() + self._opening

    async def _close_idle(self) -> None:
        if not self._lane.idle and not self._pool.get_idle_size():
            return
        with suppress(*_CLOSED):
            connection = self._lane.idle.pop() if self._lane.idle else await self._pool.acquire()
            try:
                await connection.close(timeout=_RESET_SECONDS)
            finally:
                await self._pool.release(connection)

    def fetch(self, statement: str, values: Sequence[Any], deadline: float) -> Awaitable[Rows]:
        """Runs a statement outside of a transaction. Raises `TimeoutError` after `deadline` seconds."""
        if self.pipelines is None:
            raise DBConnectionError("the connection pool has no pipelines")
        return self.pipelines.fetch(statement, values, deadline)

    def give_back(self, connection: Any) -> None:
        """Returns a connection after a successful statement or transaction."""
        self._pass_on(connection)

    async def acquire(self) -> Any:
        """Returns a connection to Tortoise."""
        return await self.take(None)

    async def release(self, connection: Any) -> None:
        """Returns a connection after a failure. asyncpg's pool resets or closes it."""
        try:
            await asyncio.shield(self._pool.release(connection, timeout=_RESET_SECONDS))
        except _CLOSED as error:
            logger.warning("closed a connection that could not be reset: %s", type(error).__name__)
        finally:
            self._pass_on(None)

    async def expire_connections(self) -> None:
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Closes the pool. Waits for the connections in use."""
        if self.pipelines is not None:
            await self.pipelines.close()
        while self._lane.idle:
            await self._pool.release(self._lane.idle.pop())
        await self._pool.close()

    def terminate(self) -> None:
        if self.pipelines is not None:
            self.pipelines.terminate()
        self._pool.terminate()


def _give(future: asyncio.Future[Any], connection: Any) -> bool:
    if future.done():
        return False
    future.set_result(connection)
    return True


def _time_out(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError("no connection is free"))


def _is_closed(connection: Any) -> bool:
    """Returns whether a connection is closed, also if asyncpg's pool has released it."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
