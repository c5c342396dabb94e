"""The scheduler of an execution: awaits everything that is pending at the same time, and completes what is ready."""

from asyncio import AbstractEventLoop, CancelledError, Future, Task, ensure_future, get_running_loop, iscoroutine, wait
from functools import partial
from typing import Any

from graphql.pyutils import is_iterable

from engine.failures import Failures
from engine.field_execution import Abandoned, PendingValues
from engine.graphql_core import AnyExecutor
from engine.timings import LevelTimings, level_timings


class ExecutionScheduler:
    """Pending values in three states: new, running (with a future per result), or ready to be completed."""

    def __init__(self, executor: AnyExecutor, failures: Failures) -> None:
        self._executor = executor
        self._failures = failures
        self._new: list[PendingValues] = []
        self._running: dict[PendingValues, dict[int, Future[Any]]] = {}
        self._ready: list[PendingValues] = []
        self._cancelled: list[Task[Any]] = []
        self._fatal: BaseException | None = None
        self._wake: Future[None] | None = None
        self._timings: LevelTimings | None = None
        self._loop: AbstractEventLoop

    def __bool__(self) -> bool:
        return bool(self._new or self._running)

    def add(self, pending: PendingValues) -> None:
        self._new.append(pending)

    async def settle(self) -> None:
        """Waits until nothing is pending. Cancels its tasks when it is cancelled itself."""
        self._loop = get_running_loop()
        self._timings = level_timings.get()
        try:
            while self:
                if not self._running and len(self._new) == 1 and len(self._new[0].missing) == 1:
                    await self._settle_one(self._new.pop())
                else:
                    await self._settle_some()
                self.abandon()
        finally:
            await self._cancel_all()

    async def _settle_one(self, pending: PendingValues) -> None:
        """Awaits the only pending result. This needs no task."""
        (index,) = pending.missing
        if self._timings is not None:
            self._timings.begin(pending)
        try:
            result = await pending.awaitables[index]
        except Exception as error:  # noqa: BLE001 - becomes a failure of the value
            result = error
        pending.set_result(index, result)
        self._finish(pending)

    async def _settle_some(self) -> None:
        new, self._new = self._new, []
        for pending in new:
            if self._timings is not None:
                self._timings.begin(pending)
            self._running[pending] = {index: self._watch(pending, index) for index in pending.missing}
        if not self._ready:
            self._wake = self._loop.create_future()
            await self._wake
        if self._fatal is not None:
            raise self._fatal
        ready, self._ready = self._ready, []
        for pending in ready:
            del self._running[pending]
            self._finish(pending)

    def _finish(self, pending: PendingValues) -> None:
        if self._timings is not None:
            self._timings.end(pending)
        pending.finish()

    def _watch(self, pending: PendingValues, index: int) -> Future[Any]:
        awaitable: Any = pending.awaitables[index]
        future: Future[Any] = self._loop.create_task(awaitable) if iscoroutine(awaitable) else ensure_future(awaitable)
        future.add_done_callback(partial(self._done, pending, index))
        return future

    def _done(self, pending: PendingValues, index: int, future: Future[Any]) -> None:
        error = CancelledError() if future.cancelled() else future.exception()
        if index not in pending.missing:
            if error is None:
                self._settle_within(future.result())
            return
        if error is None or isinstance(error, Exception):
            pending.set_result(index, error or future.result())
            if pending.missing:
                return
            self._ready.append(pending)
        else:
            self._fatal = error
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def abandon(self) -> None:
        """Abandons pending values below positions that have become null, as graphql-core does."""
        nulled = self._failures.take_nulled()
        if not nulled:
            return
        for pending in list(self._new):
            unneeded = pending.unneeded(nulled)
            self._settle_in_background([pending.awaitables[index] for index in unneeded])
            self._set_abandoned(pending, unneeded)
            if not pending.missing:
                self._new.remove(pending)
                pending.finish()
        for pending, futures in list(self._running.items()):
            unneeded = pending.unneeded(nulled)
            self._set_abandoned(pending, unneeded)
            for index in unneeded:
                future = futures[index]
                if isinstance(future, Task) and not future.done():
                    future.cancel()
                    self._cancelled.append(future)
            if unneeded and not pending.missing:
                self._ready.append(pending)

    def _settle_in_background(self, awaitables: list[Any]) -> None:
        """Runs awaitables to their end that the scheduler has not started. Without an event loop, closes coroutines."""
        try:
            get_running_loop()
        except RuntimeError:
            self._executor.settle_in_background(awaitables)
        else:
            self._executor.settle_in_background([self._settled(awaitable) for awaitable in awaitables])

    async def _settled(self, awaitable: Any) -> None:
        self._settle_within(await awaitable)

    def _settle_within(self, value: Any) -> None:
        """Settles the awaitables inside a value that is not needed."""
        if self._executor.is_awaitable(value):
            self._settle_in_background([value])
        elif is_iterable(value):
            for item in value:
                self._settle_within(item)

    @staticmethod
    def _set_abandoned(pending: PendingValues, unneeded: list[int]) -> None:
        for index in unneeded:
            pending.set_result(index, Abandoned())

    async def _cancel_all(self) -> None:
        for futures in self._running.values():
            for future in futures.values():
                if isinstance(future, Task) and not future.done():
                    future.cancel()
                    self._cancelled.append(future)
        if unsettled := [task for task in self._cancelled if not task.done()]:
            await wait(unsettled)
