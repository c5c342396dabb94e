"""A connection that is replaced when it is lost."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.breaker_log import BreakerLog
from adapters.redis import REDIS_ERRORS
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.outages import Outages
from core.background import Background

FIRST_PAUSE = 0.2
MAX_PAUSE = 2.0
"""Seconds between attempts to connect."""

_MIN_PAUSE = 0.02
"""Seconds between attempts that calls have requested."""

CHECK_SECONDS = 1.0
"""Seconds between checks of a connection, so that most outages are noticed before a request waits for them."""

_ERRORS = (StoreUnavailable, OSError, ssl.SSLError, *REDIS_ERRORS)


class RedisLink:
    """Maintains a connection in the background. Without one, calls fail at once."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[PipelinedConnection]],
        prepare: Callable[[PipelinedConnection], Awaitable[None]],
        check: Callable[[PipelinedConnection], Awaitable[None]],
        outages: Outages,
    ) -> None:
        self.connection: PipelinedConnection | None = None
        """The connection, if it is prepared and not lost."""
        self.on_lost: Callable[[], None] = lambda: None
        self._connect = connect
        self._prepare = prepare
        self._check = check
        self._outages = outages
        self._breaker_log = BreakerLog(f"Redis of {outages.purpose}")
        self._task: asyncio.Task[None] | None = None
        self._is_requested = asyncio.Event()
        self._next_attempt = asyncio.Event()
        """Is set when the next attempt to connect has ended."""

    @property
    def is_started(self) -> bool:
        return self._task is not None

    def start(self, background: Background) -> None:
        """Begins to connect. Needs a running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(background.supervise(self._outages.purpose, self._run))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def wait(self, seconds: float) -> None:
        """Returns when there is a connection, or after some seconds. Attempts follow one another meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.connection is None:
                    await self._attempted()

    async def attempt(self, seconds: float) -> None:
        """Ends the pause, and returns when an attempt has ended that began after this call, or after some seconds.

        Without a connection then, the server has not answered at a time after the call.
        """
        if self.connection is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._attempted()

    async def _attempted(self) -> None:
        self._is_requested.set()
        await self._next_attempt.wait()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._serve()
                pause = FIRST_PAUSE
            except _ERRORS as error:
                self._note_outage(str(error) if isinstance(error, StoreUnavailable) else type(error).__name__)
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            pause = min(2 * pause, MAX_PAUSE)

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, but no longer than until an attempt is requested."""
        await asyncio.sleep(_MIN_PAUSE)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - _MIN_PAUSE):
                await self._is_requested.wait()

    async def _serve(self) -> None:
        """Returns when the connection is lost. Raises an error if there is none."""
        ended, self._next_attempt = self._next_attempt, asyncio.Event()
        self._is_requested.clear()
        try:
            connection = await self._connected()
            self._next_attempt.set()  # calls that began during this attempt need no other one
            self._next_attempt = asyncio.Event()
        finally:
            ended.set()
        try:
            while not connection.lost.done():
                done, _ = await asyncio.wait([connection.lost], timeout=CHECK_SECONDS)
                if not done:
                    await self._check_quietly(connection)
            self._note_outage(connection.lost.result())
        finally:
            connection.drop("closed")

    async def _connected(self) -> PipelinedConnection:
        """Returns a connection that is prepared."""
        connection = await self._connect()
        try:
            await self._prepare(connection)
            if connection.lost.done():
                raise StoreUnavailable(connection.lost.result())
            connection.on_lost = self._on_lost
            self.connection, connection.is_in_use = connection, True
        finally:
            if self.connection is None:
                connection.drop("closed")
        self._breaker_log.note(is_open=False)
        return connection

    def _note_outage(self, cause: str) -> None:
        self._outages.note(cause)
        self._breaker_log.note(is_open=True, cause=cause)

    async def _check_quietly(self, connection: PipelinedConnection) -> None:
        try:
            await self._check(connection)
        except StoreUnavailable as error:
            connection.drop(str(error))

    def _on_lost(self) -> None:
        self.connection = None
        self.on_lost()
