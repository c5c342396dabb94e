"""Answers queries with stored responses that are current, and stores the responses of others."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any, NamedTuple

import orjson

from adapters.response_store import ResponseStore, StoreUnavailable
from core.clock import Clock
from core.errors import ErrorCode, Unauthenticated, Unavailable
from gateway.callers.caller import Caller
from gateway.execution.operation import Operation
from gateway.execution.operations import Operations, count_use
from gateway.execution.results import FormattedResult
from gateway.http.caching import digest_of
from gateway.http.compression import compress
from gateway.response_cache.answers import Answer, Outcome, expired_answer, explained
from gateway.response_cache.entries import Entry, EntryFormat
from gateway.response_cache.keys import EVERYONE, Audience, ResponseKeys, audience_of
from gateway.response_cache.recording import recorded
from gateway.response_cache.stored_operations import StoredOperation, StoredOperations
from gateway.response_cache.usage import CacheUsage
from services.announcements import entry_tags
from services.resources import Resources

_KEPT_SECONDS = 300
"""The seconds for which a response is kept after its lifetime, for the time when the database is unavailable."""

_JITTER = 0.1
"""The maximum share by which lifetimes are shortened, so that responses do not end at the same time."""

_NO_STORE = "the store does not answer"
_LOCK_MILLISECONDS = 3000
_POLL_SECONDS = 0.02


class CacheOptions(NamedTuple):
    """Whether the cache is on, and whether responses contain `extensions.cache`, which explains them."""

    is_on: bool
    explains: bool


class _Executed(NamedTuple):
    """The response of an execution, and the entry if it may be stored."""

    body: bytes
    has_errors: bool
    is_unavailable: bool
    entry: Entry | None
    reason: str
    generation: int


class _Request(NamedTuple):
    """A request that may be answered by a stored response."""

    operation: Operation
    stored: StoredOperation
    caller: Caller
    audience: Audience
    resources: Resources
    store: ResponseStore
    key: str
    coding: str


class ResponseCache:
    """Stores responses of queries for each user, or for all requests without one.

    A stored response is sent only if none of its tags moved since its first statement, as far as any process had
    announced when the request arrived.
    """

    def __init__(
        self,
        operations: Operations,
        stored_operations: StoredOperations,
        keys: ResponseKeys,
        entries: EntryFormat,
        options: CacheOptions,
    ) -> None:
        self._operations = operations
        self._options = options
        self._stored_operations = stored_operations
        self._keys = keys
        self._entries = entries
        self._executions = dict[str, asyncio.Task[_Executed]]()
        self._background = set[asyncio.Task[Any]]()
        self.usage = CacheUsage()

    async def answer(self, operation: Operation, caller: Caller, resources: Resources, coding: str) -> Answer:
        """Returns the response to a query or mutation. `coding` is a content coding that the client prefers, or empty.

        Raises `RequestError` if the variables prevented the execution.
        """
        store = resources.responses
        if store is None or not self._options.is_on:
            result = await self._operations.execute(operation, caller, resources)
            return Answer(orjson.dumps(result), "", Outcome.BYPASS, has_errors="errors" in result)
        request = self._request(operation, caller, resources, store, "" if self._options.explains else coding)
        if isinstance(request, str):
            answer = await self._bypass(operation, caller, resources, request)
        else:
            answer = await self._look_up(request)
        self.usage.count(operation.name, answer.outcome)
        return explained(answer) if self._options.explains else answer

    async def close(self) -> None:
        """Cancels executions that no request waits for."""
        tasks = {*self._background, *self._executions.values()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _request(
        self, operation: Operation, caller: Caller, resources: Resources, store: ResponseStore, coding: str
    ) -> _Request | str:
        """Returns the request, or the reason why no stored response can answer it."""
        stored, viewer = self._stored_operations.get(operation), caller.viewer
        if not stored.max_age:
            return "its policy is NONE"
        if isinstance(viewer, Unauthenticated):
            return "the access token is invalid"
        audience = audience_of(viewer)
        if audience == EVERYONE and not stored.is_public:
            return "its policy is VIEWER, and no user is signed in"
        if not store.is_available:
            return _NO_STORE
        key = self._keys.key(operation, stored.variables, audience, coding)
        if key is None:
            return "a variable has no canonical form"
        return _Request(operation, stored, caller, audience, resources, store, key, coding)

    async def _bypass(self, operation: Operation, caller: Caller, resources: Resources, reason: str) -> Answer:
        result = await self._operations.execute(operation, caller, resources)
        return Answer(orjson.dumps(result), "", Outcome.BYPASS, reason, has_errors="errors" in result)

    async def _look_up(self, request: _Request) -> Answer:
        try:
            entry = await self._read(request)
        except StoreUnavailable:
            return await self._bypass(request.operation, request.caller, request.resources, _NO_STORE)
        if entry is None:
            return await self._share_or_execute(request, None, "nothing is stored")
        if not _is_current(request, entry):
            return await self._share_or_execute(request, None, "data has changed")
        age = _age(request.resources.clock, entry)
        if age < entry.max_age:
            count_use(request.operation, request.caller, request.resources)
            return _answer(request, entry, Outcome.HIT)
        if age < entry.max_age + entry.stale_while_revalidate:
            count_use(request.operation, request.caller, request.resources)
            self._renew(request)
            return _answer(request, entry, Outcome.STALE, "it is being renewed")
        return await self._share_or_execute(request, entry, "its lifetime is over")

    async def _read(self, request: _Request) -> Entry | None:
        stored = await request.store.read(request.key)
        return None if stored is None else self._entries.read(request.key, stored)

    async def _share_or_execute(self, request: _Request, expired: Entry | None, reason: str) -> Answer:
        """Waits for an equal execution, or executes the operation."""
        running = self._executions.get(request.key)
        if running is not None:
            executed = await _result_of(running)
            if executed is not None and executed.entry is not None and _is_current(request, executed.entry):
                count_use(request.operation, request.caller, request.resources)
                return _answer(request, executed.entry, Outcome.SHARED)
        elif request.audience == EVERYONE and (entry := await self._await_other_process(request)) is not None:
            count_use(request.operation, request.caller, request.resources)
            return _answer(request, entry, Outcome.SHARED)
        try:
            executed = await asyncio.shield(self._start(request))
        except Unavailable:
            if expired is None:
                raise
            return expired_answer(expired, _age(request.resources.clock, expired))
        if executed.is_unavailable and expired is not None:
            return expired_answer(expired, _age(request.resources.clock, expired))
        if executed.entry is not None:
            return _answer(request, executed.entry, Outcome.MISS, reason, is_current=_is_storable(request, executed))
        return Answer(executed.body, "", Outcome.MISS, executed.reason or reason, has_errors=executed.has_errors)

    def _renew(self, request: _Request) -> None:
        if request.key not in self._executions:
            self._start(request)

    def _start(self, request: _Request) -> asyncio.Task[_Executed]:
        """Executes the operation in a task of its own, so that it continues if this client disconnects."""
        task = asyncio.create_task(self._execute(request))
        self._executions[request.key] = task

        def end(task: asyncio.Task[_Executed]) -> None:
            if self._executions.get(request.key) is task:
                del self._executions[request.key]
            if not task.cancelled():
                self._in_background(self._finish(request, None if task.exception() else task.result()))

        task.add_done_callback(end)
        return task

    def _in_background(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _execute(self, request: _Request) -> _Executed:
        tail = request.store.tail
        position, generation = tail.position, tail.generation
        with recorded() as recorder:
            result = await self._operations.execute(request.operation, request.caller, request.resources)
        body = orjson.dumps(result)
        if "errors" in result:
            return _Executed(body, True, _is_unavailable(result), None, "it has errors", generation)
        if not recorder.is_complete:
            return _Executed(body, False, False, None, "it contains untagged data", generation)
        viewer = request.caller.viewer
        assert not isinstance(viewer, Unauthenticated)  # noqa: S101 - checked by `_request`
        tags = entry_tags(viewer, recorder.tags)
        tag_text = " ".join(sorted(tags.tags)).encode()
        # Responses of shared caches carry their tags, so that equal bytes with other tags are another response.
        digest = digest_of(body, tag_text if request.audience == EVERYONE else b"")
        body, coding = compress(body, request.coding)
        entry = Entry(
            position,
            int(request.resources.clock().timestamp() * 1000),
            max(1, int(request.stored.max_age * (1 - _JITTER * random.random()))),  # noqa: S311 - not for secrets
            request.stored.stale_while_revalidate,
            coding,
            tag_text,
            b"" if request.stored.max_stale is None else " ".join(tags.counts).encode(),
            digest,
            body,
        )
        return _Executed(body, False, False, entry, "", generation)

    async def _finish(self, request: _Request, executed: _Executed | None) -> None:
        """Stores the response, unless a tag has moved since its first statement."""
        store = request.store
        if executed and (entry := executed.entry) and _is_storable(request, executed):
            seconds = entry.max_age + entry.stale_while_revalidate + _KEPT_SECONDS
            await store.write(request.key, self._entries.write(request.key, entry), seconds * 1000)
        if request.audience == EVERYONE:
            await store.release(request.key)

    async def _await_other_process(self, request: _Request) -> Entry | None:
        """Returns the response that another process is executing. None if this process has to execute it."""
        try:
            while not await request.store.acquire(request.key, _LOCK_MILLISECONDS):
                await asyncio.sleep(_POLL_SECONDS)
                entry = await self._read(request)
                if entry is not None and _is_current(request, entry) and _is_fresh(request, entry):
                    return entry
        except StoreUnavailable:
            return None
        return None


def _answer(request: _Request, entry: Entry, outcome: Outcome, reason: str = "", *, is_current: bool = True) -> Answer:
    """Returns the answer with the bytes of an entry. Shared caches may store it if it is current and for everyone."""
    policy = request.stored if is_current and request.audience == EVERYONE else None
    age = _age(request.resources.clock, entry)
    return Answer(entry.body, entry.coding, outcome, reason, age, entry=entry, shared_policy=policy)


def _is_storable(request: _Request, executed: _Executed) -> bool:
    """Returns whether no tag of the response has moved since its first statement."""
    entry, generation = executed.entry, request.store.tail.generation
    return entry is not None and executed.generation == generation and _is_current(request, entry)


def _is_current(request: _Request, entry: Entry) -> bool:
    """Returns whether nothing in a response has changed, as far as this process has read the invalidation stream."""
    tail = request.store.tail
    if tail.is_unchanged_since(entry.position):
        return True
    now = int(request.resources.clock().timestamp() * 1000) if entry.counts else 0
    max_stale = (request.stored.max_stale or 0) * 1000
    tags, counts = entry.tags.decode().split(), entry.counts.decode().split()
    return tail.is_current(entry.position, tags, counts, max_stale, now)


def _is_fresh(request: _Request, entry: Entry) -> bool:
    return _age(request.resources.clock, entry) < entry.max_age


def _age(clock: Clock, entry: Entry) -> int:
    return max(0, int(clock().timestamp() * 1000) - entry.stored_at) // 1000


def _is_unavailable(result: FormattedResult) -> bool:
    return any(error.get("extensions", {}).get("code") == ErrorCode.UNAVAILABLE for error in result["errors"])


async def _result_of(running: asyncio.Task[_Executed]) -> _Executed | None:
    """Returns the result of another request's execution, or None if it failed."""
    try:
        return await asyncio.shield(running)
    except Exception:  # noqa: BLE001 - the request that started it reports the error
        return None
