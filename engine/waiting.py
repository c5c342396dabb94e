"""What an execution waits for: all at once, everything going on as soon as its own results are there."""

from asyncio import AbstractEventLoop, CancelledError, Future, Task, ensure_future, get_running_loop, iscoroutine, wait
from functools import partial
from typing import Any

from graphql.pyutils import is_iterable

from engine.failures import Failures
from engine.graphql_core import AnyExecutor
from engine.strand import Abandoned, Late


class Waiting:
    """What is late: new, or being waited for (with a future for each result), or ready to go on."""

    def __init__(self, executor: AnyExecutor, failures: Failures) -> None:
        self._executor = executor
        self._failures = failures
        self._new: list[Late] = []
        self._running: dict[Late, dict[int, Future[Any]]] = {}
        self._ready: list[Late] = []
        self._cancelled: list[Task[Any]] = []
        self._fatal: BaseException | None = None
        self._wake: Future[None] | None = None
        self._loop: AbstractEventLoop

    def __bool__(self) -> bool:
        return bool(self._new or self._running)

    def add(self, late: Late) -> None:
        self._new.append(late)

    async def settle(self) -> None:
        """Wait until nothing is late. When this is cancelled, so is what is pending."""
        self._loop = get_running_loop()
        try:
            while self:
                if not self._running and len(self._new) == 1 and len(self._new[0].missing) == 1:
                    await self._settle_one(self._new.pop())
                else:
                    await self._settle_some()
                self.abandon()
        finally:
            await self._cancel_all()

    async def _settle_one(self, late: Late) -> None:
        """Nothing else is waited for, so no task is needed."""
        (index,) = late.missing
        try:
            result = await late.awaitables[index]
        except Exception as error:  # noqa: BLE001 - it is known there where it failed
            result = error
        late.set_result(index, result)
        late.finish()

    async def _settle_some(self) -> None:
        new, self._new = self._new, []
        for late in new:
            self._running[late] = {index: self._watch(late, index) for index in late.missing}
        if not self._ready:
            self._wake = self._loop.create_future()
            await self._wake
        if self._fatal is not None:
            raise self._fatal
        ready, self._ready = self._ready, []
        for late in ready:
            del self._running[late]
            late.finish()

    def _watch(self, late: Late, index: int) -> Future[Any]:
        awaitable: Any = late.awaitables[index]
        future: Future[Any] = self._loop.create_task(awaitable) if iscoroutine(awaitable) else ensure_future(awaitable)
        future.add_done_callback(partial(self._done, late, index))
        return future

    def _done(self, late: Late, index: int, future: Future[Any]) -> None:
        error = CancelledError() if future.cancelled() else future.exception()
        if index not in late.missing:
            if error is None:
                self._settle_within(future.result())
            return
        if error is None or isinstance(error, Exception):
            late.set_result(index, error or future.result())
            if late.missing:
                return
            self._ready.append(late)
        else:
            self._fatal = error
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def abandon(self) -> None:
        """Let go of what is below places that have become null, as graphql-core does."""
        gone = self._failures.take_gone()
        if not gone:
            return
        for late in list(self._new):
            unneeded = late.below(gone)
            self._settle_in_background([late.awaitables[index] for index in unneeded])
            self._leave(late, unneeded)
            if not late.missing:
                self._new.remove(late)
                late.finish()
        for late, futures in list(self._running.items()):
            unneeded = late.below(gone)
            self._leave(late, unneeded)
            for index in unneeded:
                future = futures[index]
                if isinstance(future, Task) and not future.done():
                    future.cancel()
                    self._cancelled.append(future)
            if unneeded and not late.missing:
                self._ready.append(late)

    def _settle_in_background(self, awaitables: list[Any]) -> None:
        """What has begun without us comes to its end; without an event loop, coroutines are closed."""
        try:
            get_running_loop()
        except RuntimeError:
            self._executor.settle_in_background(awaitables)
        else:
            self._executor.settle_in_background([self._settled(awaitable) for awaitable in awaitables])

    async def _settled(self, awaitable: Any) -> None:
        self._settle_within(await awaitable)

    def _settle_within(self, value: Any) -> None:
        """The awaitables in a value that nobody needs."""
        if self._executor.is_awaitable(value):
            self._settle_in_background([value])
        elif is_iterable(value):
            for item in value:
                self._settle_within(item)

    @staticmethod
    def _leave(late: Late, unneeded: list[int]) -> None:
        for index in unneeded:
            late.set_result(index, Abandoned())

    async def _cancel_all(self) -> None:
        for futures in self._running.values():
            for future in futures.values():
                if isinstance(future, Task) and not future.done():
                    future.cancel()
                    self._cancelled.append(future)
        if unsettled := [task for task in self._cancelled if not task.done()]:
            await wait(unsettled)
