"""`redis://`: a queue for all workers, with docket on Redis.

Docket only transports: it does not retry jobs and stores no results. It unpickles messages, so every client that can
write to this Redis can run code in the workers. Restrict access to it.
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
from core.wording import count_of

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Maximum texts in Redis, of about 2.3 KB each. Others wait in the table."""

_TASK = "run_job"
_POLL_INTERVAL = timedelta(milliseconds=10)
"""The interval in which docket polls. Its default is a quarter of a second."""

_REDELIVERY = timedelta(seconds=5)
"""The time after which a text of a killed worker, or of one that drains, is delivered to another."""

_CAPACITY_POLL_SECONDS = 0.1
_RECONNECT_DELAY = timedelta(seconds=1)
_END_SECONDS = 2.0
_CONNECTION_ERRORS = (redis.exceptions.RedisError, OSError, TimeoutError)


class DocketQueue(Queue):
    """Connects when it is first used, and reconnects. No call waits longer than `deadline` seconds for Redis."""

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

    async def capacity(self) -> int:
        while True:
            async with self._with_deadline() as docket, docket.redis() as client:
                capacity = MAX_WAITING - int(await client.xlen(docket.stream_key))
            if capacity > 0:
                return min(capacity, 500)
            await asyncio.sleep(_CAPACITY_POLL_SECONDS)

    async def offer(self, texts: Sequence[str]) -> None:
        async with self._with_deadline() as docket:
            calls = [docket.call(_TASK, key=text)(text) for text in texts]
            failed = [call for call in await docket.add_many(calls) if call.schedule_exception is not None]
        if failed:
            raise Unavailable(f"The queue did not accept {count_of(len(failed), 'offer')}.")

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        docket = await self._open()
        _register(docket, run)
        async with Worker(
            docket,
            concurrency=concurrency,
            redelivery_timeout=_REDELIVERY,
            minimum_check_interval=_POLL_INTERVAL,
            reconnection_delay=_RECONNECT_DELAY,
            schedule_automatic_tasks=False,
        ) as worker:
            raise_if_cancelled()
            running = asyncio.create_task(worker.run_forever())
            try:
                await asyncio.shield(running)
            finally:
                await _stop(running, drain)

    async def close(self) -> None:
        await self._opened.aclose()

    async def _open(self) -> Docket:
        async with self._lock:
            if self._docket is None:
                separator = "&" if "?" in self._url else "?"
                docket = Docket(self._name, f"{self._url}{separator}{self._options}", execution_ttl=timedelta(0))
                # Docket's own connections block for up to a minute in reads, so they have no read timeout.
                docket.url = f"{self._url}{separator}socket_connect_timeout={self._deadline}"
                self._docket = await self._opened.enter_async_context(docket)
                _register(docket, _unregistered)
                logging.getLogger("docket").setLevel(logging.WARNING)
            return self._docket

    @asynccontextmanager
    async def _with_deadline(self) -> AsyncGenerator[Docket]:
        """Opens docket within the deadline. Raises `Unavailable` for errors of the connection."""
        try:
            async with asyncio.timeout(self._deadline):
                yield await self._open()
            raise_if_cancelled()
        except _CONNECTION_ERRORS as error:
            logger.warning("the queue does not answer: %s", type(error).__name__)
            raise Unavailable("The queue does not answer.") from error


def _register(docket: Docket, run: Run) -> None:
    async def run_job(text: str) -> None:
        await run(text)

    docket.register(cast("Callable[..., Awaitable[Any]]", run_job), names=[_TASK])


async def _unregistered(_text: str) -> None:
    """Runs nothing: docket requires a function in processes that only offer."""


async def _stop(running: asyncio.Task[None], drain: float) -> None:
    """Stops the worker. The first cancel makes docket wait for running jobs; the second one cancels them too."""
    for seconds in (drain, _END_SECONDS):
        running.cancel()
        await asyncio.wait({running}, timeout=seconds)
        if running.done():
            return
        logger.warning("jobs did not end in time")
