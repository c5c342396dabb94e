"""Waits without blocking the event loop, whose database and bus would miss their deadlines."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

from bench.processes import cpu_seconds
from bench.world import BenchError

T = TypeVar("T")

_SPAN_SECONDS = 0.5
_MAX_CPU_SECONDS = 0.03
_DEADLINE_SECONDS = 60.0


async def settle(pid: int) -> None:
    """Returns after a span in which the process used almost no CPU. Raises `BenchError` if there is none.

    After it, all subscriptions of the sockets follow.
    """
    until = time.monotonic() + _DEADLINE_SECONDS
    before = -1.0
    while (now := cpu_seconds([pid])) - before > _MAX_CPU_SECONDS:
        if time.monotonic() > until:
            raise BenchError("the server does not become idle")
        before = now
        await asyncio.sleep(_SPAN_SECONDS)


@asynccontextmanager
async def in_thread(manager: AbstractContextManager[T]) -> AsyncGenerator[T]:
    """Enters and leaves a context that waits for processes."""
    entered = await asyncio.to_thread(manager.__enter__)
    try:
        yield entered
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)
