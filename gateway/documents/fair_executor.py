"""Work that takes long, done beside the event loop: one piece at a time, and addresses take turns."""

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
"""Pieces of work that wait in a process. Each takes up to about 0.1 s."""
MAX_WAITING_PER_ADDRESS = 32
"""Of them of one network address, which many phones may share: an app that starts sends about ten documents."""
COLLECT_AFTER = 8
"""Pieces of work between two collections of young garbage. More at once would stop the event loop for longer."""

Done = TypeVar("Done")

_REFUSED = "Too many documents that this server has not read before are waiting. Send the request again later."


class _Piece(NamedTuple, Generic[Done]):
    work: Callable[[], Done]
    future: asyncio.Future[Done]


class FairExecutor(Generic[Done]):
    """A thread that does one piece of work after another.

    The interpreter takes the lock from it after a few milliseconds, so the event loop goes on whatever the work is. An
    address with many pieces waiting delays its own: each address that waits has one piece done in a round.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: OrderedDict[str, deque[_Piece[Done]]] = OrderedDict()
        self._pieces = 0
        self._busy = False
        self._done = 0

    def submit(self, address: str, work: Callable[[], Done]) -> asyncio.Future[Done]:
        """What the work returns or raises. `RequestError`, with the code OVERLOADED, when too much waits already."""
        own = self._waiting.get(address)
        if self._pieces >= MAX_WAITING or (own is not None and len(own) >= MAX_WAITING_PER_ADDRESS):
            raise reject(Overloaded(_REFUSED))
        piece = _Piece(work, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(address, deque()).append(piece)
        self._pieces += 1
        self._go_on()
        return piece.future

    def close(self) -> None:
        """Ends the thread, after the piece that it is at."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def _go_on(self) -> None:
        if self._busy or not self._waiting:
            return
        address, pieces = self._waiting.popitem(last=False)
        piece = pieces.popleft()
        self._pieces -= 1
        if pieces:
            self._waiting[address] = pieces
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "documents")
        self._busy = True
        running = asyncio.get_running_loop().run_in_executor(self._thread, partial(self._work, piece.work))
        running.add_done_callback(partial(self._finish, piece.future))

    def _work(self, work: Callable[[], Done]) -> Done:
        try:
            return work()
        finally:
            self._done += 1
            if self._done % COLLECT_AFTER == 0:
                gc.collect(0)

    def _finish(self, future: asyncio.Future[Done], running: asyncio.Future[Done]) -> None:
        self._busy = False
        if not future.done():
            if running.cancelled():
                future.cancel()
            elif error := running.exception():
                future.set_exception(error)
            else:
                future.set_result(running.result())
        self._go_on()
