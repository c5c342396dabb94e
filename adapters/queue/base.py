"""The interface of the queue."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

logger = logging.getLogger(__name__)

Run = Callable[[str], Coroutine[Any, Any, None]]
"""Does the job of an offer. It raises no exceptions."""


class Queue(ABC):
    """Transports texts of printable ASCII, up to 200 characters each."""

    @abstractmethod
    async def capacity(self) -> int:
        """Waits for capacity, and returns the number of texts. `Unavailable` when the queue does not answer."""

    @abstractmethod
    async def offer(self, texts: Sequence[str]) -> None:
        """Delivers each text to a worker soon. After `Unavailable`, some texts may still be delivered."""

    @abstractmethod
    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        """Runs delivered texts, at most `concurrency` at a time, until the call is cancelled.

        The running ones then have `drain` seconds to end. After that they are cancelled.
        """

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""


async def drain_tasks(running: Iterable[asyncio.Task[None]], seconds: float) -> None:
    """Waits for tasks, and cancels those that do not end within the seconds."""
    tasks = set(running)
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            logger.warning("%d jobs did not end in time", len(late))
            await asyncio.wait(late)
