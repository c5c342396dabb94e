"""Runs long tasks on a thread, one at a time. Client addresses take turns."""

import asyncio
import gc
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from core.errors import Overloaded
from gateway.errors.request_error import reject

MAX_WAITING = 128
"""Tasks that may wait in a process. Each takes up to about 0.1 s."""
MAX_WAITING_PER_ADDRESS = 32
"""Tasks of one client address that may wait. Many phones may share an address, and an app sends about ten documents
when it starts."""
COLLECT_AFTER = 8
"""Tasks between two collections of the youngest generation. A larger number would stop the event loop for longer."""

Result = TypeVar("Result")

_OVERLOADED = "Too many new documents are waiting to be parsed. Send the request again later."


class _Task(NamedTuple, Generic[Result]):
    run: Callable[[], Result]
    future: asyncio.Future[Result]


class FairExecutor(Generic[Result]):
    """Runs tasks on one thread, one after another.

    The interpreter switches threads after a few milliseconds, so the event loop continues during a task. Addresses are
    served round-robin, so an address with many waiting tasks delays only its own.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._queues: OrderedDict[str, deque[_Task[Result]]] = OrderedDict()
        self._waiting = 0
        self._busy = False
        self._completed = 0

    @property
    def waiting(self) -> int:
        """The number of tasks that wait for the thread."""
        return self._waiting

    def submit(self, address: str, task: Callable[[], Result]) -> asyncio.Future[Result]:
        """Returns the future of a task. Raises `RequestError` (OVERLOADED) if too many are waiting."""
        queue = self._queues.get(address)
        if self._waiting >= MAX_WAITING or (queue is not None and len(queue) >= MAX_WAITING_PER_ADDRESS):
            raise reject(Overloaded(_OVERLOADED))
        queued = _Task(task, asyncio.get_running_loop().create_future())
        self._queues.setdefault(address, deque()).append(queued)
        self._waiting += 1
        self._run_next()
        return queued.future

    def close(self) -> None:
        """Stops the thread after its current task."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def _run_next(self) -> None:
        if self._busy or not self._queues:
            return
        address, queue = self._queues.popitem(last=False)
        task = queue.popleft()
        self._waiting -= 1
        if queue:
            self._queues[address] = queue
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "documents")
        self._busy = True
        running = asyncio.get_running_loop().run_in_executor(self._thread, partial(self._run, task.run))
        running.add_done_callback(partial(self._finish, task.future))

    def _run(self, run: Callable[[], Result]) -> Result:
        try:
            return run()
        finally:
            self._completed += 1
            if self._completed % COLLECT_AFTER == 0:
                gc.collect(0)

    def _finish(self, future: asyncio.Future[Result], running: asyncio.Future[Result]) -> None:
        self._busy = False
        if not future.done():
            if running.cancelled():
                future.cancel()
            elif error := running.exception():
                future.set_exception(error)
            else:
                future.set_result(running.result())
        self._run_next()
