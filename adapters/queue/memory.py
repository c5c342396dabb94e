"""No engine: the worker that offers does the work itself."""

import asyncio
from collections.abc import Sequence

from adapters.queue.base import Queue, Run, drained


class MemoryQueue(Queue):
    """Takes as much as it has hands free for, so what others could do at once does not wait here."""

    def __init__(self) -> None:
        self._offered = asyncio.Queue[str]()
        self._running = set[asyncio.Task[None]]()
        self._hands = 0
        self._freed = asyncio.Event()

    async def room(self) -> int:
        while (room := self._hands - len(self._running) - self._offered.qsize()) < 1:
            self._freed.clear()
            await self._freed.wait()
        return room

    async def offer(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._offered.put_nowait(text)

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        self._hands = concurrency
        self._freed.set()
        try:
            while True:
                text = await self._offered.get()
                task = asyncio.create_task(run(text))
                self._running.add(task)
                task.add_done_callback(self._done)
        finally:
            self._hands = 0
            await drained(self._running, drain)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._freed.set()

    async def close(self) -> None:
        pass
