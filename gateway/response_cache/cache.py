"""Answers queries with stored responses that are current, and executes and stores others."""

from contextlib import suppress

import orjson

from adapters.response_store import StoreUnavailable
from core.errors import Unavailable
from core.tracing import current_span
from gateway.callers.caller import Caller
from gateway.costs import Budget
from gateway.execution.operation import Operation
from gateway.execution.operations import Operations, count_use
from gateway.response_cache.answers import Answer, CacheResult, expired_answer, explained
from gateway.response_cache.entries import Entry
from gateway.response_cache.executed import is_storable
from gateway.response_cache.executions import Executions
from gateway.response_cache.lookups import NO_STORE, OFF, Bypass, Lookup, Lookups
from services.resources import Resources


class ResponseCache:
    """Stores responses of queries for each user, or for all requests without one.

    A stored response is sent only if none of its tags moved since its first statement, as far as any process had
    announced when the request arrived. With `explains`, responses contain `extensions.cache`.
    """

    def __init__(self, operations: Operations, lookups: Lookups, executions: Executions, *, explains: bool) -> None:
        self._operations = operations
        self._lookups = lookups
        self._executions = executions
        self._explains = explains

    def look_up(self, operation: Operation, caller: Caller, resources: Resources, coding: str) -> Lookup | Bypass:
        """Returns how to answer a query or mutation. `coding` is a content coding of the client, or an empty text."""
        return self._lookups.of(operation, caller, resources, "" if self._explains else coding)

    async def hit(self, lookup: Lookup, budget: Budget | None = None) -> Entry | None:
        """Returns a response that this process has in memory, and counts the hit. Most requests need no more.

        Returns None if `answer` has to answer the request. `budget` is that of the request, if it costs something.
        Raises `RateLimited` if it has no room. Then nothing is counted.
        """
        entry = None
        if not self._explains:
            with suppress(StoreUnavailable):
                entry = await self._executions.read_local(lookup)
        if budget is not None and (admitted := budget.admit()) is not None:
            await admitted
        if entry is None or lookup.age(entry) >= entry.max_age:
            return None
        count_use(lookup.operation, lookup.caller, lookup.resources)
        self._count(lookup, CacheResult.HIT)
        return entry

    async def answer(self, lookup: Lookup | Bypass, budget: Budget | None = None) -> Answer:
        """Returns the response. `budget` is that of a look-up, if a request costs something.

        Raises `RequestError` if the variables prevented the execution, or the budget has no room.
        """
        if isinstance(lookup, Bypass):
            answer = await self._bypass(lookup)
            if lookup.reason == OFF:
                return answer
        else:
            answer = await self._answer(lookup, budget)
        self._count(lookup, answer.result)
        return explained(answer) if self._explains else answer

    def _count(self, lookup: Lookup | Bypass, result: CacheResult) -> None:
        """Counts a response, and notes its result in the trace of the current request."""
        if (span := current_span.get()) is not None:
            span.attributes["bff.cache.result"] = result
        self._operations.statistics.of(lookup.operation).cache_results[result] += 1

    async def close(self) -> None:
        """Cancels executions that no request waits for."""
        await self._executions.close()

    async def _bypass(self, bypass: Bypass, budget: Budget | None = None) -> Answer:
        operation, caller, resources, _ = bypass
        spending = await self._operations.spendings.take(operation, caller, resources, budget) if budget else None
        result = await self._operations.execute(operation, caller, resources, spending)
        has_errors, is_extended = "errors" in result, "extensions" in result
        body = orjson.dumps(result)
        return Answer(body, "", CacheResult.BYPASS, bypass.reason, has_errors=has_errors, is_extended=is_extended)

    async def _answer(self, lookup: Lookup, budget: Budget | None) -> Answer:
        try:
            entry = await self._executions.read(lookup)
        except StoreUnavailable:
            return await self._bypass(Bypass(lookup.operation, lookup.caller, lookup.resources, NO_STORE), budget)
        if budget is not None and (admitted := budget.admit()) is not None:
            await admitted
        if entry is None:
            return await self._share_or_execute(lookup, None, "nothing is stored", budget)
        if not lookup.is_current(entry):
            return await self._share_or_execute(lookup, None, "data has changed", budget)
        age = lookup.age(entry)
        if age < entry.max_age:
            return _stored(lookup, entry, age, CacheResult.HIT)
        if age < entry.max_age + entry.stale_while_revalidate:
            self._executions.renew(lookup)
            return _stored(lookup, entry, age, CacheResult.STALE, "it is being renewed")
        return await self._share_or_execute(lookup, entry, "its lifetime is over", budget)

    async def _share_or_execute(
        self, lookup: Lookup, expired: Entry | None, reason: str, budget: Budget | None
    ) -> Answer:
        """Waits for an equal execution, or executes. Without the database, `expired` is sent."""
        if not self._executions.will_wait(lookup):
            self._operations.check_load(lookup.operation)
        spendings = self._operations.spendings
        spending = await spendings.take(lookup.operation, lookup.caller, lookup.resources, budget)
        try:
            executed = await self._executions.run(lookup, spending)
        except Unavailable:
            if expired is None:
                raise
            return expired_answer(expired, lookup.age(expired))
        if executed.is_unavailable and expired is not None:
            return expired_answer(expired, lookup.age(expired))
        if executed.entry is None:
            return Answer(
                executed.body, "", CacheResult.MISS, executed.reason or reason, has_errors=executed.has_errors
            )
        age = lookup.age(executed.entry)  # a replica may have lagged
        if executed.is_shared:
            answer = _stored(lookup, executed.entry, age, CacheResult.SHARED)
        else:
            answer = _answer(lookup, executed.entry, age, CacheResult.MISS, reason)
        return answer if is_storable(lookup, executed) else answer._replace(shared_policy=None)


def _stored(lookup: Lookup, entry: Entry, age: int, result: CacheResult, reason: str = "") -> Answer:
    """Returns the answer with a stored response, and counts the use of the operation, which was not executed."""
    count_use(lookup.operation, lookup.caller, lookup.resources)
    return _answer(lookup, entry, age, result, reason)


def _answer(lookup: Lookup, entry: Entry, age: int, result: CacheResult, reason: str) -> Answer:
    """Returns the answer with the bytes of an entry. Shared caches may store it if it is for everyone."""
    policy = lookup.stored if lookup.is_for_everyone else None
    return Answer(entry.body, entry.coding, result, reason, age, entry=entry, shared_policy=policy)
