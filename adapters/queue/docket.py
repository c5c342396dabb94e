"""`redis://`: any worker does what any other offers, by docket on Redis.

Docket only carries: it repeats nothing by itself and keeps no results. Its messages are pickled, so whoever can write
to this Redis can run code in the workers: keep it to them.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import redis.exceptions
from docket import Docket, Worker

from adapters.queue.base import Queue, Run
from core.cancellation import raise_if_cancelled
from core.errors import Unavailable

logger = logging.getLogger(__name__)

MOST_WAITING = 10_000
"""Texts in Redis, of some 2.3 KB each there. More wait in the table."""

_TASK = "run_job"
_LOOKS = timedelta(milliseconds=10)
"""How long docket sleeps when all hands are busy, and waits for a message: by default a quarter of a second."""

_REDELIVERED = timedelta(seconds=5)
"""After so long a text of a worker that was killed is brought to another; so is one of a worker that only drains."""

_BETWEEN_LOOKS = 0.1
_RECONNECTS = timedelta(seconds=1)
_END_SECONDS = 2.0
_GONE = (redis.exceptions.RedisError, OSError, TimeoutError)


class DocketQueue(Queue):
    """Connects when it is first used, and again by itself. No call waits longer than `deadline` seconds for Redis."""

    def __init__(self, url: str, name: str, deadline: float, concurrency: int) -> None:
        self._url = url
        self._name = name
        self._deadline = deadline
        self._options = (
            f"socket_timeout={deadline}&socket_connect_timeout={deadline}&health_check_interval=5"
            f"&max_connections={2 * concurrency + 50}"
        )
        self._opened = AsyncExitStack()
        self._docket: Docket | None = None
        self._lock = asyncio.Lock()

    async def room(self) -> int:
        while True:
            async with self._answering() as docket, docket.redis() as client:
                room = MOST_WAITING - int(await client.xlen(docket.stream_key))
            if room > 0:
                return min(room, 500)
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def offer(self, texts: Sequence[str]) -> None:
        async with self._answering() as docket:
            calls = [docket.call(_TASK, key=text)(text) for text in texts]
            failed = [each for each in await docket.add_many(calls) if each.schedule_exception is not None]
        if failed:
            raise Unavailable(f"{len(failed)} offers were not taken by the queue.")

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        docket = await self._open()
        _register(docket, run)
        async with Worker(
            docket,
            concurrency=concurrency,
            redelivery_timeout=_REDELIVERED,
            minimum_check_interval=_LOOKS,
            reconnection_delay=_RECONNECTS,
            schedule_automatic_tasks=False,
        ) as worker:
            raise_if_cancelled()
            running = asyncio.create_task(worker.run_forever())
            try:
                await asyncio.shield(running)
            finally:
                await _ended(running, drain)

    async def close(self) -> None:
        await self._opened.aclose()

    async def _open(self) -> Docket:
        async with self._lock:
            if self._docket is None:
                separator = "&" if "?" in self._url else "?"
                docket = Docket(self._name, f"{self._url}{separator}{self._options}", execution_ttl=timedelta(0))
                # What follows on connections of its own reads for a minute at a time, so it has no short timeout.
                docket.url = f"{self._url}{separator}socket_connect_timeout={self._deadline}"
                self._docket = await self._opened.enter_async_context(docket)
                _register(docket, _unregistered)
                logging.getLogger("docket").setLevel(logging.WARNING)
            return self._docket

    @asynccontextmanager
    async def _answering(self) -> AsyncGenerator[Docket]:
        """Turns the ways in which Redis is gone into `Unavailable`."""
        try:
            async with asyncio.timeout(self._deadline):
                yield await self._open()
            raise_if_cancelled()
        except _GONE as error:
            logger.warning("the queue does not answer: %s", type(error).__name__)
            raise Unavailable("The queue does not answer.") from error


def _register(docket: Docket, run: Run) -> None:
    async def run_job(text: str) -> None:
        await run(text)

    docket.register(cast("Callable[..., Awaitable[Any]]", run_job), names=[_TASK])


async def _unregistered(_text: str) -> None:
    """Whoever only offers runs nothing."""


async def _ended(running: asyncio.Task[None], drain: float) -> None:
    """The first cancel has docket take no more and wait for what runs; the second cancels that too."""
    for seconds in (drain, _END_SECONDS):
        running.cancel()
        await asyncio.wait({running}, timeout=seconds)
        if running.done():
            return
        logger.warning("jobs did not end in time")
