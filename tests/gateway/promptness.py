"""Refusals cost little and come at once: whoever is refused can ask again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

MOST_SECONDS = 0.05
"""On the clock, and of the processor: client and server are one process here."""
_TRIES = 3
_NEVER_SECONDS = 5


async def promptly(refused: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer, which took less than MOST_SECONDS in one of three tries: other processes work here, too."""
    taken: list[str] = []
    for _ in range(_TRIES):
        clock, processor = time.perf_counter(), time.process_time()
        async with asyncio.timeout(_NEVER_SECONDS):
            answer = await refused()
        passed, worked = time.perf_counter() - clock, time.process_time() - processor
        if max(passed, worked) < MOST_SECONDS:
            return answer
        taken.append(f"{passed:.3f} s, {worked:.3f} s of them worked")
    raise AssertionError("; ".join(taken))
