"""Executes operations once for equal requests at the same time, and stores the responses."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from contextvars import copy_context
from math import inf
from typing import Any

import orjson

from adapters.response_store import StoreUnavailable
from core.cancellation import raise_if_cancelled
from core.deadlines import request_ends_at
from gateway.execution.operation import priority_of
from gateway.execution.operations import Operations
from gateway.execution.spending import Spending
from gateway.overload import Priority, on_begun
from gateway.request_facts import request_facts
from gateway.response_cache.entries import Entry, EntryFormat
from gateway.response_cache.executed import Executed, entry_of, is_storable, is_unavailable
from gateway.response_cache.local_entries import LocalEntries
from gateway.response_cache.lookups import Lookup
from gateway.response_cache.recording import recorded

_KEPT_SECONDS = 300
"""The seconds for which a response is kept after its lifetime, for the time when the database is unavailable."""

_LOCK_MILLISECONDS = 3000
_POLL_SECONDS = 0.02
_MAX_POLLS = 25
"""Another process is awaited for half a second. Its response may never be stored."""

_TOLERANCE_SECONDS = 0.01
"""A timer may end earlier by this."""


class _Running:
    """An execution, and the instant at which the request that started it ends, or infinity."""

    __slots__ = ("ends_at", "has_begun", "lock", "priority", "task")

    task: asyncio.Task[Executed]

    def __init__(self, priority: Priority, *, has_begun: bool) -> None:
        self.ends_at = _ends_at()
        self.priority = priority
        self.has_begun = has_begun
        """Whether it has a place. Until then it waits, or is shed."""
        self.lock: str | None = None
        """The key of the lock that it has taken."""

    def begin(self) -> None:
        self.has_begun = True

    @property
    def is_late(self) -> bool:
        """Returns whether the request that started it has ended. Then it has failed because of that."""
        return time.monotonic() >= self.ends_at - _TOLERANCE_SECONDS

    def may_be_followed(self, lookup: Lookup) -> bool:
        """Returns whether the current request may wait for it.

        It ends in time, and it has begun or does not wait longer than an execution of the current request would.
        """
        return self.ends_at <= _ends_at() and (self.has_begun or self.priority <= priority_of(lookup.operation))


class Executions:
    """The executions of this process that requests wait for."""

    def __init__(self, operations: Operations, entries: EntryFormat) -> None:
        self._operations = operations
        self._entries = entries
        self._local = LocalEntries()
        self._running = dict[str, _Running]()
        """The executions that new requests wait for, by key."""
        self._tasks = set[asyncio.Task[Executed]]()
        self._waiting = Counter[asyncio.Task[Executed]]()
        self._background = set[asyncio.Task[Any]]()
        self._is_closed = False

    async def close(self) -> None:
        """Cancels executions that no request waits for."""
        self._is_closed = True
        tasks = {*self._background, *self._tasks}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def read(self, lookup: Lookup) -> Entry | None:
        """Returns the stored response, current or not: from memory if it is current. Raises `StoreUnavailable`."""
        current = await self.read_local(lookup)
        if current is not None:
            return current
        stored = await lookup.store.read(lookup.key)
        entry = None if stored is None else self._entries.read(lookup.key, stored)
        if entry is None:
            self._local.drop(lookup.key)
        else:
            self._local.put(lookup.key, entry, lookup.age(entry))
        return entry

    async def read_local(self, lookup: Lookup) -> Entry | None:
        """Returns the response that this process has in memory, if it is current. Raises `StoreUnavailable`."""
        local = self._local.get(lookup.key)
        if local is None:
            return None
        await lookup.store.refresh()
        current = lookup.current(local)
        if current is not None and current is not local:
            self._local.move(lookup.key, current)
        return current

    def will_wait(self, lookup: Lookup) -> bool:
        """Returns whether the current request would wait for an equal one that is being executed in this process."""
        running = self._running.get(lookup.key)
        return running is not None and running.may_be_followed(lookup)

    async def run(self, lookup: Lookup, spending: Spending) -> Executed:
        """Executes an operation, or waits for an equal request that is being executed in this or another process.

        Only the request that executes it pays the cost that all have taken.

        A response that is not current is not shared if its execution may have begun before a write of this client. A
        request does not wait for an execution that may end after its own deadline, or for one of a lower priority that
        has not begun. Of several requests that have waited in vain, one executes the operation, and the others wait.
        """
        is_newer = False
        while (running := self._running.get(lookup.key)) is not None:
            if running.ends_at > _ends_at():
                return await self._execute(lookup, spending)
            if not running.may_be_followed(lookup):
                break
            try:
                entry = await self._shared(lookup.key, running)
            except BaseException:
                spending.cancel()
                raise
            is_current = entry is not None and (is_newer or lookup.is_current(entry))
            if is_current:
                spending.cancel()
                return Executed(b"", False, False, entry, "", lookup.store.tail.generation, is_shared=True)
            if entry is None and not running.is_late:
                return await self._execute(lookup, spending)
            self._forget(lookup.key, running.task)  # it may have ended in this turn, before its callback
            is_newer = True  # what follows has begun after this request
        return await self._wait_for(lookup.key, self._start(lookup, spending))

    async def _shared(self, key: str, running: _Running) -> Entry | None:
        """Returns the response of an equal request that is being executed, if it may be stored."""
        try:
            return (await self._wait_for(key, running.task)).entry
        except asyncio.CancelledError:
            raise_if_cancelled()
            return None
        except Exception:  # noqa: BLE001 - the request that started it reports the error
            return None

    async def _wait_for(self, key: str, task: asyncio.Task[Executed]) -> Executed:
        """Returns the result of an execution. Cancels it if the last client that waits for it has disconnected.

        A request that arrives before it has ended does not wait for it.
        """
        self._waiting[task] += 1
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if self._waiting[task] == 1:
                task.cancel()
                self._forget(key, task)
            raise
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                del self._waiting[task]

    def renew(self, lookup: Lookup) -> None:
        """Executes an operation in the background, unless it is running.

        The server does so on its own: it costs the user nothing, has the lowest priority, and its errors are not those
        of the request that was answered with the old response.
        """
        if lookup.key not in self._running:
            lookup = lookup._replace(operation=lookup.operation._replace(is_prefetch=True))
            context = copy_context()
            context.run(request_facts.set, None)
            context.run(request_ends_at.set, None)
            context.run(self._start, lookup, self._operations.spendings.free(lookup.operation))

    def _start(self, lookup: Lookup, spending: Spending) -> asyncio.Task[Executed]:
        has_begun = self._operations.admission is None
        running = self._running[lookup.key] = _Running(priority_of(lookup.operation), has_begun=has_begun)
        task = running.task = asyncio.create_task(self._execute_once(lookup, spending, running))
        self._tasks.add(task)

        def end(task: asyncio.Task[Executed]) -> None:
            self._tasks.discard(task)
            self._forget(lookup.key, task)
            if not self._is_closed:
                failed = task.cancelled() or task.exception() is not None
                self._in_background(self._finish(lookup, None if failed else task.result(), running.lock))

        task.add_done_callback(end)
        return task

    def _forget(self, key: str, task: asyncio.Task[Executed]) -> None:
        running = self._running.get(key)
        if running is not None and running.task is task:
            del self._running[key]

    def _in_background(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _execute_once(self, lookup: Lookup, spending: Spending, running: _Running) -> Executed:
        """Executes an operation, unless it is for everyone and another process is executing it.

        A request with a deadline does not wait for other processes.
        """
        on_begun.set(running.begin)  # of this task
        may_wait = lookup.is_for_everyone and running.ends_at == inf
        try:
            entry = await self._of_other_process(lookup, running) if may_wait else None
            if entry is None:
                return await self._execute(lookup, spending)
        finally:
            spending.cancel()  # unless the execution has settled it
        return Executed(b"", False, False, entry, "", lookup.store.tail.generation, is_shared=True)

    async def _execute(self, lookup: Lookup, spending: Spending) -> Executed:
        tail, begun = lookup.store.tail, lookup.milliseconds()
        generation = tail.generation
        with recorded(tail.position) as recorder:
            result = await self._operations.execute(lookup.operation, lookup.caller, lookup.resources, spending)
        body = orjson.dumps(result)
        if "errors" in result:
            return Executed(body, True, is_unavailable(result), None, "it has errors", generation)
        if not recorder.is_complete:
            return Executed(body, False, False, None, "it contains untagged data", generation)
        return Executed(body, False, False, entry_of(lookup, body, begun, recorder), "", generation)

    async def _finish(self, lookup: Lookup, executed: Executed | None, lock: str | None) -> None:
        """Stores the response, unless a tag has moved since its first statement, and frees its lock."""
        if executed and not executed.is_shared and (entry := executed.entry) and is_storable(lookup, executed):
            self._local.put(lookup.key, entry)
            seconds = entry.max_age + entry.stale_while_revalidate + _KEPT_SECONDS
            await lookup.store.write(lookup.key, self._entries.write(lookup.key, entry), seconds * 1000)
        if lock is not None:
            await lookup.store.release(lock)

    async def _of_other_process(self, lookup: Lookup, running: _Running) -> Entry | None:
        """Returns the response that another process is executing. None if this process has to execute it.

        A prefetch may wait long with its lock, so it has another one than reads.
        """
        lock = f"{lookup.key}:prefetch" if running.priority is Priority.PREFETCH else lookup.key
        try:
            for _ in range(_MAX_POLLS):
                if await lookup.store.acquire(lock, _LOCK_MILLISECONDS):
                    running.lock = lock
                    return None
                await asyncio.sleep(_POLL_SECONDS)
                entry = await self.read(lookup)
                if entry is not None and lookup.is_current(entry) and lookup.age(entry) < entry.max_age:
                    return entry
        except StoreUnavailable:
            return None
        return None


def _ends_at() -> float:
    """Returns the instant at which the current request ends, or infinity if the client has set no deadline."""
    ends_at = request_ends_at.get()
    return inf if ends_at is None else ends_at
