"""Budgets, which limit the cost of the operations of a request."""

from collections.abc import Callable
from typing import Protocol

from core.errors import CostExceeded
from gateway.callers.caller import Caller


class Budget(Protocol):
    """Limits the cost of one request.

    `take` is called before anything is executed, and `refund` afterwards, with what was not used.
    """

    @property
    def limit(self) -> int | None:
        """The largest cost of a request, or None without a limit."""
        ...

    @property
    def remaining(self) -> int | None:
        """The rest of the limit, or None without a limit."""
        ...

    async def take(self, requested: int) -> None:
        """Takes a cost. Raises `CostExceeded`, and takes nothing, if it is more than what is left."""
        ...

    async def refund(self, unused: int) -> None:
        """Gives back a part of what was taken."""
        ...


Budgets = Callable[[Caller], Budget]
"""Returns the budget of a new request of a caller."""


class RequestBudget:
    """A budget of one request, the same for all callers: the limit of `BFF_MAX_COST`."""

    __slots__ = ("_taken", "limit")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._taken = 0

    @classmethod
    def of(cls, max_cost: int, _caller: Caller) -> "RequestBudget":
        """Returns the budget of a request. `max_cost` is 0 without a limit."""
        return cls(max_cost or None)

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else self.limit - self._taken

    async def take(self, requested: int) -> None:
        if self.limit is not None and self._taken + requested > self.limit:
            raise CostExceeded(requested, self.limit)
        self._taken += requested

    async def refund(self, unused: int) -> None:
        self._taken -= unused
