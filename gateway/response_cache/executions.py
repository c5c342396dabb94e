"""Executes operations once for equal requests at the same time, and stores the responses."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from math import inf
from typing import Any, NamedTuple

import orjson

from adapters.response_store import StoreUnavailable
from core.cancellation import raise_if_cancelled
from core.deadlines import request_ends_at, without_deadline
from core.errors import ErrorCode, Unauthenticated
from gateway.execution.operations import Operations
from gateway.execution.results import FormattedResult
from gateway.execution.spending import Spending
from gateway.http.caching import digest_of
from gateway.http.compression import compress
from gateway.response_cache.entries import Entry, EntryFormat
from gateway.response_cache.local_entries import LocalEntries
from gateway.response_cache.lookups import Lookup
from gateway.response_cache.recording import TagRecorder, recorded
from services.announcements import entry_tags

_KEPT_SECONDS = 300
"""The seconds for which a response is kept after its lifetime, for the time when the database is unavailable."""

_JITTER = 0.1
"""The maximum share by which lifetimes are shortened, so that responses do not end at the same time."""

_LOCK_MILLISECONDS = 3000
_POLL_SECONDS = 0.02
_MAX_POLLS = 25
"""Another process is awaited for half a second. Its response may never be stored."""


class Executed(NamedTuple):
    """The response of an execution, and the entry if it may be stored."""

    body: bytes
    has_errors: bool
    is_unavailable: bool
    entry: Entry | None
    reason: str
    generation: int
    is_shared: bool = False
    """Whether another process has executed it."""


class _Running(NamedTuple):
    """An execution, and the instant at which the request that started it ends, or infinity."""

    task: asyncio.Task[Executed]
    ends_at: float


class Executions:
    """The executions of this process that requests wait for."""

    def __init__(self, operations: Operations, entries: EntryFormat) -> None:
        self._operations = operations
        self._entries = entries
        self._local = LocalEntries()
        self._locked = set[str]()
        """The keys whose locks this process has taken."""
        self._running = dict[str, _Running]()
        self._waiting = Counter[asyncio.Task[Executed]]()
        self._background = set[asyncio.Task[Any]]()
        self._is_closed = False

    async def close(self) -> None:
        """Cancels executions that no request waits for."""
        self._is_closed = True
        tasks = {*self._background, *(running.task for running in self._running.values())}
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

    def is_running(self, lookup: Lookup) -> bool:
        """Returns whether an equal request is being executed in this process."""
        return lookup.key in self._running

    async def _shared(self, lookup: Lookup) -> Entry | None:
        """Returns the response of an equal request that is being executed, if it is stored."""
        try:
            return (await self._wait_for(lookup.key, self._running[lookup.key].task)).entry
        except asyncio.CancelledError:
            raise_if_cancelled()
            return None
        except Exception:  # noqa: BLE001 - the request that started it reports the error
            return None

    async def run(self, lookup: Lookup, spending: Spending) -> Executed:
        """Executes an operation, or waits for an equal request that is being executed in this or another process.

        Only the request that executes it pays the cost that all have taken.

        A response that is not current is not shared: its execution may have begun before a write of this client.
        A request with a deadline does not wait for an execution that may end after it.
        """
        running = self._running.get(lookup.key)
        if running is None:
            return await self._wait_for(lookup.key, self._start(lookup, spending))
        if running.ends_at > _ends_at():
            return await self._execute(lookup, spending)
        try:
            entry = await self._shared(lookup)
        except BaseException:
            await spending.cancel()
            raise
        if entry is not None and lookup.is_current(entry):
            await spending.cancel()
            return Executed(b"", False, False, entry, "", lookup.store.tail.generation, is_shared=True)
        return await self._execute(lookup, spending)

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
        """Executes an operation in the background with the lowest priority, unless it is running."""
        if lookup.key not in self._running:
            with without_deadline():
                self._start(lookup._replace(operation=lookup.operation._replace(is_prefetch=True)))

    def _start(self, lookup: Lookup, spending: Spending | None = None) -> asyncio.Task[Executed]:
        task = asyncio.create_task(self._execute_once(lookup, spending))
        self._running[lookup.key] = _Running(task, _ends_at())

        def end(task: asyncio.Task[Executed]) -> None:
            self._forget(lookup.key, task)
            if not self._is_closed:
                failed = task.cancelled() or task.exception() is not None
                self._in_background(self._finish(lookup, None if failed else task.result()))

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

    async def _execute_once(self, lookup: Lookup, spending: Spending | None) -> Executed:
        """Executes an operation, unless it is for everyone and another process is executing it.

        A request with a deadline does not wait for other processes.
        """
        may_wait = lookup.is_for_everyone and _ends_at() == inf
        try:
            entry = await self._of_other_process(lookup) if may_wait else None
            if entry is None:
                return await self._execute(lookup, spending)
        finally:
            if spending is not None:
                await spending.cancel()  # unless the execution has settled it
        return Executed(b"", False, False, entry, "", lookup.store.tail.generation, is_shared=True)

    async def _execute(self, lookup: Lookup, spending: Spending | None) -> Executed:
        tail, begun = lookup.store.tail, lookup.milliseconds()
        position, generation = tail.position, tail.generation
        with recorded() as recorder:
            result = await self._operations.execute(lookup.operation, lookup.caller, lookup.resources, spending)
        body = orjson.dumps(result)
        if "errors" in result:
            return Executed(body, True, _is_unavailable(result), None, "it has errors", generation)
        if not recorder.is_complete:
            return Executed(body, False, False, None, "it contains untagged data", generation)
        return Executed(body, False, False, _entry(lookup, body, (position, begun), recorder), "", generation)

    async def _finish(self, lookup: Lookup, executed: Executed | None) -> None:
        """Stores the response, unless a tag has moved since its first statement."""
        if executed and not executed.is_shared and (entry := executed.entry) and is_storable(lookup, executed):
            self._local.put(lookup.key, entry)
            seconds = entry.max_age + entry.stale_while_revalidate + _KEPT_SECONDS
            await lookup.store.write(lookup.key, self._entries.write(lookup.key, entry), seconds * 1000)
        if lookup.key in self._locked:
            self._locked.discard(lookup.key)
            await lookup.store.release(lookup.key)

    async def _of_other_process(self, lookup: Lookup) -> Entry | None:
        """Returns the response that another process is executing. None if this process has to execute it."""
        try:
            for _ in range(_MAX_POLLS):
                if await lookup.store.acquire(lookup.key, _LOCK_MILLISECONDS):
                    self._locked.add(lookup.key)
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


def is_storable(lookup: Lookup, executed: Executed) -> bool:
    """Returns whether a response may be stored: no tag has moved since its first statement."""
    entry, generation = executed.entry, lookup.store.tail.generation
    return entry is not None and executed.generation == generation and lookup.is_current(entry)


def _entry(lookup: Lookup, body: bytes, begin: tuple[int, int], recorder: TagRecorder) -> Entry:
    """Returns the entry of a response. `begin` is the position and the time before its first statement."""
    viewer, digest = lookup.caller.viewer, b""
    assert not isinstance(viewer, Unauthenticated)  # noqa: S101 - there is no look-up for it
    tags, counts = entry_tags(viewer, recorder.tags)
    if lookup.is_for_everyone:
        # Shared caches store the tags with the response, so equal bytes with other tags are another response.
        tags.sort()
        digest = digest_of(body, " ".join(tags).encode())
    coded, coding = compress(body, lookup.coding)
    return Entry(
        *begin,
        max(1, int(lookup.stored.max_age * (1 - _JITTER * random.random()))),  # noqa: S311 - not for secrets
        lookup.stored.stale_while_revalidate,
        coding,
        " ".join(tags).encode(),
        b"" if lookup.stored.max_stale is None else " ".join(counts).encode(),
        digest,
        coded,
    )


def _is_unavailable(result: FormattedResult) -> bool:
    return any(error.get("extensions", {}).get("code") == ErrorCode.UNAVAILABLE for error in result["errors"])
