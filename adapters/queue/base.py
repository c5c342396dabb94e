"""What a queue does for the floors above, whichever engine it is."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

logger = logging.getLogger(__name__)

Run = Callable[[str], Coroutine[Any, Any, None]]
"""Does what a text offers. It raises nothing."""


class Queue(ABC):
    """Texts are of printable ASCII, and up to 200 characters."""

    @abstractmethod
    async def room(self) -> int:
        """How many texts it takes at the moment; waits until that is one at least. `Unavailable` when it is gone."""

    @abstractmethod
    async def offer(self, texts: Sequence[str]) -> None:
        """Has each brought to some worker, soon. `Unavailable` when it is gone; some may be brought nevertheless."""

    @abstractmethod
    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        """Runs what is brought here, so many at a time, until it is cancelled.

        What runs then has `drain` seconds to end, and is cancelled in turn.
        """

    @abstractmethod
    async def close(self) -> None:
        """Lets go of the engine."""


async def drained(running: Iterable[asyncio.Task[None]], seconds: float) -> None:
    """Waits for what runs, and cancels what does not end in time."""
    tasks = set(running)
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            logger.warning("%d jobs did not end in time", len(late))
            await asyncio.wait(late)
