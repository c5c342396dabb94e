"""Budgets, which limit the cost of the operations of a request."""

from collections.abc import Awaitable
from typing import Protocol

from core.errors import CostExceeded
from gateway.callers.caller import Caller
from schema.rates import RateClass
from services.resources import Resources


class Budget(Protocol):
    """Limits the cost of one request.

    `take` is called before anything is executed, and `refund` afterwards, with what was not used. Before both, if a
    stored response may answer the request, `begin` and `admit` are. Most decisions need not be awaited: `admit` and
    `take` return None then, and otherwise what has to be awaited.
    """

    @property
    def limit(self) -> int | None:
        """The largest cost of a request, or None without a limit."""
        ...

    @property
    def remaining(self) -> int | None:
        """The rest of the limit, or None without a limit."""
        ...

    def begin(self) -> None:
        """Begins to take what every request costs, without waiting."""
        ...

    def admit(self) -> Awaitable[None] | None:
        """Ends what `begin` has begun. Raises `RateLimited`."""
        ...

    def take(self, requested: int) -> Awaitable[None] | None:
        """Takes a cost. Raises `CostExceeded` or `RateLimited`, and takes nothing, if it is more than what is left."""
        ...

    def refund(self, unused: int) -> None:
        """Gives back a part of what was taken, without waiting."""
        ...


class Budgets(Protocol):
    """Returns budgets of requests."""

    @property
    def counts_requests(self) -> bool:
        """Whether every request costs something, also if a stored response answers it."""
        ...

    def __call__(self, caller: Caller, rate_class: RateClass, resources: Resources) -> Budget:
        """Returns the budget of a new request of a caller, with operations of a class."""
        ...

    def charge(self, caller: Caller, cost: int) -> None:
        """Has a caller pay a cost soon, without a limit: for an event, or a request without a valid operation."""
        ...

    @property
    def knows_empty(self) -> bool:
        """Whether this process knows of any caller that has no quota left for reads."""
        ...

    def check_empty(self, caller: Caller, resources: Resources) -> None:
        """Raises `RateLimited` if this process knows that a caller has no quota left for reads."""
        ...


class RequestBudgets:
    """Returns budgets that are the same for all callers: the limit of `BFF_MAX_COST`, which is 0 without a limit."""

    counts_requests = False

    def __init__(self, max_cost: int) -> None:
        self._limit = max_cost or None

    def __call__(self, caller: Caller, rate_class: RateClass, resources: Resources) -> "RequestBudget":  # noqa: ARG002 - as above
        return RequestBudget(self._limit)

    def charge(self, caller: Caller, cost: int) -> None:
        """Does nothing: only single requests are limited."""

    knows_empty = False

    def check_empty(self, caller: Caller, resources: Resources) -> None:
        """Does nothing, as `charge`."""


class RequestBudget:
    """A budget of one request, without regard to other requests."""

    __slots__ = ("_taken", "limit")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._taken = 0

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else self.limit - self._taken

    def begin(self) -> None:
        """Does nothing: a request without an execution costs nothing."""

    def admit(self) -> Awaitable[None] | None:
        """Does nothing, as `begin`."""

    def take(self, requested: int) -> Awaitable[None] | None:
        if self.limit is not None and self._taken + requested > self.limit:
            raise CostExceeded(requested, self.limit)
        self._taken += requested

    def refund(self, unused: int) -> None:
        self._taken -= unused
