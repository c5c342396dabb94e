"""Refusals cost little and come at once, since a client that is refused can ask again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.support.timing import Cost, no_hang, unit

Answer = TypeVar("Answer")

MAX_SECONDS = 0.05
"""CPU of client and server, which are one process here."""
MAX_UNITS = 25.0
"""The same on a slow machine, where it is longer. On a fast one memory is not as much faster as the interpreter is."""
MAX_UNITS_WAITED = 100.0
"""Time on the clock. It finds a refusal that waits for a timer; other processes may take the CPU meanwhile."""
_TRIES = 10
_BETWEEN_TRIES = 0.1
"""Seconds: what disturbs one try, such as another process that fills the caches of the CPU, is over in a later one."""


async def promptly(refused: Callable[[], Awaitable[Answer]]) -> Answer:
    """Returns the answer, which kept within both limits in one of a few tries."""
    taken: list[str] = []
    for _ in range(_TRIES):
        before, begun = unit(), Cost.now()
        async with no_hang():
            answer = await refused()
        cost, after = Cost.now().since(begun), unit()
        waited = cost.clock / max(before.clock, after.clock)
        worked = cost.processor / max(before.processor, after.processor)
        is_cheap = cost.processor < MAX_SECONDS or worked < MAX_UNITS
        if is_cheap and waited < MAX_UNITS_WAITED:
            return answer
        await asyncio.sleep(_BETWEEN_TRIES)
        taken.append(f"{cost.processor:.3f} s or {worked:.1f} units of CPU, {waited:.1f} units on the clock")
    raise AssertionError("; ".join(taken))
