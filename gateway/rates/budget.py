"""Budgets that take the cost of requests from the buckets of their callers."""

from collections.abc import Awaitable
from math import ceil

from adapters.buckets import Buckets, Taken
from adapters.buckets.base import MICROSECONDS
from core.errors import RateLimited
from core.settings import Settings
from gateway.callers.caller import Caller
from gateway.costs import Budget, Budgets, RequestBudget, RequestBudgets
from gateway.rates.empty import EmptyBuckets
from gateway.rates.events import EventCharges
from gateway.rates.headers import RateHeaders
from gateway.rates.quotas import CallerBuckets, Quotas
from gateway.rates.usage import RateUsage
from gateway.request_facts import request_facts
from schema.rates import RateClass
from services.resources import Resources

_SUBJECTS = {"user": "This user", "device": "This device", "address": "This network"}


class RateBudgets:
    """Returns budgets of requests that are limited by the rate of their caller, too."""

    counts_requests = True

    def __init__(self, max_cost: int, quotas: Quotas) -> None:
        self._max_cost = max_cost
        self._quotas = quotas
        self.usage = RateUsage()
        self.empty = EmptyBuckets()
        self.events = EventCharges(quotas, self.empty.note)

    def __call__(self, caller: Caller, rate_class: RateClass, resources: Resources) -> Budget:
        engine, limit = resources.buckets, self._max_cost or None
        buckets = None if engine is None else self._quotas.buckets_of(engine, rate_class, caller)
        if engine is None or buckets is None:
            return RequestBudget(limit)
        return RateBudget(limit, engine, buckets, self.usage, self.empty)

    def charge(self, caller: Caller, cost: int) -> None:
        self.events.add(caller, cost)

    @property
    def knows_empty(self) -> bool:
        return len(self.empty) > 0

    def check_empty(self, caller: Caller, resources: Resources) -> None:
        engine = resources.buckets
        buckets = None if engine is None else self._quotas.buckets_of(engine, RateClass.READS, caller)
        found = None if buckets is None else self.empty.find(buckets.group)
        if buckets is not None and found is not None:
            number, seconds = found
            if (facts := request_facts.get()) is not None:
                bucket, wait = buckets.group.buckets[number], ceil(seconds * MICROSECONDS)
                until_full = wait + bucket.window - bucket.moved(0, 1)
                facts.rates = RateHeaders(buckets, Taken(number, 0, until_full, wait))
            raise _rejection(self.usage, buckets, number, seconds)


def usage_of(budgets: Budgets) -> RateUsage | None:
    """Returns what budgets count, or None if they do not limit rates."""
    return budgets.usage if isinstance(budgets, RateBudgets) else None


def budgets_of(settings: Settings) -> Budgets:
    """Returns the budgets of the settings."""
    if settings.limits_rates:
        return RateBudgets(settings.max_cost, Quotas.of(settings))
    return RequestBudgets(settings.max_cost)


class RateBudget(RequestBudget):
    """A budget of one request: the limit of a request, and the buckets of its caller.

    A request takes at least one unit, whatever its operation costs.
    """

    __slots__ = ("_buckets", "_cost", "_empty", "_engine", "_headers", "_pending", "_usage")

    def __init__(
        self, limit: int | None, engine: Buckets, buckets: CallerBuckets, usage: RateUsage, empty: EmptyBuckets
    ) -> None:
        super().__init__(limit)
        self._engine = engine
        self._buckets = buckets
        self._usage = usage
        self._empty = empty
        self._cost: int | None = None
        """The cost that was taken from the buckets, without the minimum of a request. None if nothing was taken."""
        self._pending: Taken | Awaitable[Taken] | None = None
        self._headers: RateHeaders | None = None

    def begin(self) -> None:
        if self._cost is None:
            self._cost, self._pending = 0, self._engine.take(self._buckets.group, 1)

    def admit(self) -> Awaitable[None] | None:
        pending, self._pending = self._pending, None
        if pending is None:
            return None
        if isinstance(pending, Taken):
            return self._note(pending)
        return self._admit(pending)

    async def _admit(self, pending: Awaitable[Taken]) -> None:
        self._note(await pending)

    async def take(self, requested: int) -> None:
        if (admitted := self.admit()) is not None:
            await admitted
        super().take(requested)
        taken = 0 if self._cost is None else max(1, self._cost)
        cost = (self._cost or 0) + requested
        if max(1, cost) > taken:
            pending = self._engine.take(self._buckets.group, max(1, cost), taken)
            try:
                self._note(pending if isinstance(pending, Taken) else await pending)
            except RateLimited:
                super().refund(requested)
                raise
        self._cost = cost

    def refund(self, unused: int) -> None:
        super().refund(unused)
        taken, self._cost = self._cost or 0, max((self._cost or 0) - unused, 0)
        taken, kept = max(1, taken), max(1, self._cost)
        if kept < taken:
            self._engine.put_back(self._buckets.group, taken, kept)
            if self._headers is not None:
                self._headers.put_back(taken - kept)

    def _note(self, taken: Taken) -> None:
        """Notes a decision for the headers of the response. Raises `RateLimited` if it is a rejection."""
        self._headers = RateHeaders(self._buckets, taken)
        if (facts := request_facts.get()) is not None:
            facts.rates = self._headers
        if taken.wait:
            bucket = self._buckets.group.buckets[taken.tightest]
            if wait := bucket.wait(taken.reset):
                self._empty.note(bucket, wait)
            raise _rejection(self._usage, self._buckets, taken.tightest, taken.wait / MICROSECONDS)


def _rejection(usage: RateUsage, buckets: CallerBuckets, number: int, seconds: float) -> RateLimited:
    """Returns the error of a request for which a bucket has room after some seconds, and counts it."""
    kind = buckets.kinds[number]
    usage.rejected[buckets.rate_class, kind] += 1
    message = f"{_SUBJECTS[kind]} has requested too much in a short time. Send the request again later."
    return RateLimited(message, ceil(seconds))
