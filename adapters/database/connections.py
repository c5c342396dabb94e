"""asyncpg's pool, with the connections that nobody uses kept at hand.

The pool opens connections and closes them. To go through it for every statement costs as much again as a small read: a
task or two, and `RESET ALL` on the server. Nothing here sets anything for a session, so a connection that comes back
from a statement that ended well is as good as new.
"""

import asyncio
from typing import Any

import asyncpg


class Connections:
    """Stands where Tortoise keeps its pool. At most `most` connections are in use at a time; others wait."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self._pool = pool
        self._room = asyncio.Semaphore(most)
        self._idle: list[Any] = []

    async def take(self, deadline: float | None) -> Any:
        """A connection, to be given back or released. `TimeoutError` when there is none in `deadline` seconds."""
        if self._idle and not self._room.locked() and not self._idle[-1].is_closed():
            await self._room.acquire()
            return self._idle.pop()
        async with asyncio.timeout(deadline):
            await self._room.acquire()
            return await self._open()

    async def _open(self) -> Any:
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                await self._pool.release(connection)
            return await self._pool.acquire()
        except BaseException:
            self._room.release()
            raise

    def give_back(self, connection: Any) -> None:
        """After a statement or a transaction that ended well."""
        self._idle.append(connection)
        self._room.release()

    async def acquire(self) -> Any:
        """A connection for Tortoise's own use."""
        return await self.take(None)

    async def release(self, connection: Any) -> None:
        """After anything else: the pool makes the connection as good as new, or closes it."""
        try:
            await asyncio.shield(self._pool.release(connection))
        finally:
            self._room.release()

    async def expire_connections(self) -> None:
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Waits for the connections in use."""
        while self._idle:
            await self._pool.release(self._idle.pop())
        await self._pool.close()

    def terminate(self) -> None:
        self._pool.terminate()
