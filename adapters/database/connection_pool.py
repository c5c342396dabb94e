"""asyncpg's pool, with the connections that nobody uses kept at hand.

The pool opens connections and closes them. To go through it for every statement costs as much again as a small read: a
task or two, and `RESET ALL` on the server. Nothing here sets anything for a session, so a connection that comes back
from a statement that ended well is as good as new, and goes to who waits longest.
"""

import asyncio
import logging
import time
from collections import deque
from typing import Any

import asyncpg
from tortoise.exceptions import DBConnectionError

logger = logging.getLogger(__name__)

_RESET_SECONDS = 1.0
_CLOSED = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the pool raises after it has closed a connection that it could not make as good as new."""


class ConnectionPool:
    """Stands where Tortoise keeps its pool. At most `most` connections are in use at a time; others wait."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self._pool = pool
        self._room = most
        self._idle: list[Any] = []
        self._line: deque[asyncio.Future[Any]] = deque()

    async def take(self, deadline: float | None) -> Any:
        """A connection, to be given back or released. `TimeoutError` when there is none in `deadline` seconds."""
        if self._room:
            self._room -= 1
            if self._idle and not _is_closed(self._idle[-1]):
                return self._idle.pop()
            return await self._open(deadline)
        begun = time.monotonic()
        connection = await self._wait(deadline)
        if connection is None or _is_closed(connection):
            left = None if deadline is None else deadline - (time.monotonic() - begun)
            return await self._open(left, connection)
        return connection

    async def _wait(self, deadline: float | None) -> Any:
        """What another gives back; None when it left the room alone."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._line.append(waiter)
        timer = None if deadline is None else loop.call_later(deadline, _time_out, waiter)
        try:
            return await waiter
        except BaseException:
            if waiter in self._line:
                self._line.remove(waiter)
            elif not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise
        finally:
            if timer is not None:
                timer.cancel()

    async def _open(self, deadline: float | None, closed: Any = None) -> Any:
        """A new connection in the room that the caller has; it is passed on when that fails."""
        try:
            async with asyncio.timeout(deadline):
                if closed is not None:
                    await self._pool.release(closed)
                while self._idle:
                    connection = self._idle.pop()
                    if not _is_closed(connection):
                        return connection
                    await self._pool.release(connection)
                return await self._pool.acquire()
        except asyncpg.PostgresError as error:
            # Whatever the server answers to a new connection, such as that the database takes none, no statement ran.
            self._pass_on(None)
            raise DBConnectionError(error) from error
        except BaseException:
            self._pass_on(None)
            raise

    def _pass_on(self, connection: Any) -> None:
        """Room for one, with a connection or without, goes to the first in line."""
        while self._line:
            waiter = self._line.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._room += 1
        if connection is not None:
            self._idle.append(connection)

    def give_back(self, connection: Any) -> None:
        """After a statement or a transaction that ended well."""
        self._pass_on(connection)

    async def acquire(self) -> Any:
        """A connection for Tortoise's own use."""
        return await self.take(None)

    async def release(self, connection: Any) -> None:
        """After anything else: the pool makes the connection as good as new, or closes it."""
        try:
            await asyncio.shield(self._pool.release(connection, timeout=_RESET_SECONDS))
        except _CLOSED as error:
            logger.warning("a connection was closed: %s", type(error).__name__)
        finally:
            self._pass_on(None)

    async def expire_connections(self) -> None:
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Waits for the connections in use."""
        while self._idle:
            await self._pool.release(self._idle.pop())
        await self._pool.close()

    def terminate(self) -> None:
        self._pool.terminate()


def _time_out(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError("no connection is free"))


def _is_closed(connection: Any) -> bool:
    """Also for one that the pool let go of when the server closed it."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
