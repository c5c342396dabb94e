"""`memory://`: a queue within one worker, which does the jobs that it offers."""

import asyncio
from collections.abc import Sequence

from adapters.queue.base import Queue, Run, drain_tasks


class MemoryQueue(Queue):
    """Accepts as many texts as it can run at once, so that no job waits here that another worker could do."""

    def __init__(self) -> None:
        self._offered = asyncio.Queue[str]()
        self._running = set[asyncio.Task[None]]()
        self._concurrency = 0
        self._slot_freed = asyncio.Event()

    async def capacity(self) -> int:
        while (capacity := self._concurrency - len(self._running) - self._offered.qsize()) < 1:
            self._slot_freed.clear()
            await self._slot_freed.wait()
        return capacity

    async def offer(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._offered.put_nowait(text)

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None:
        self._concurrency = concurrency
        self._slot_freed.set()
        try:
            while True:
                text = await self._offered.get()
                task = asyncio.create_task(run(text))
                self._running.add(task)
                task.add_done_callback(self._on_done)
        finally:
            self._concurrency = 0
            await drain_tasks(self._running, drain)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._slot_freed.set()

    async def close(self) -> None:
        pass
