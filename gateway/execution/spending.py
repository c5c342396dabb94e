"""Takes the costs of operations from the budgets of requests, and gives back what was not used."""

import asyncio
from collections.abc import Sequence
from typing import Any

from core.deadlines import has_passed
from core.errors import AppError, CostExceeded
from gateway.callers.caller import Caller
from gateway.costs import Budget, Budgets, RequestBudget
from gateway.errors.request_error import reject
from gateway.execution.operation import Operation
from gateway.execution.results import FormattedResult
from gateway.statistics import OperationStatistics, StatisticsByOperation
from schema.rates import RateClass
from services.resources import Resources


class Spending:
    """A cost that an operation has taken from a budget, until it is settled or cancelled for the first time.

    An execution that its client ends, by a deadline or by cancelling it, keeps the requested cost: the database may
    have done all of the work.
    """

    __slots__ = ("_budget", "_is_settled", "_statistics", "operation", "requested")

    def __init__(self, operation: Operation, budget: Budget, statistics: OperationStatistics, requested: int) -> None:
        self.operation = operation
        self._budget = budget
        self._statistics = statistics
        self._is_settled = False
        self.requested = requested

    def settle(self, result: FormattedResult) -> FormattedResult:
        """Gives back what a result did not cost, unless the deadline of the request has passed.

        Adds `extensions.cost` if the request asks for it.
        """
        extensions = self.settle_counted(self.actual(result))
        return {**result, **extensions} if extensions else result

    def settle_counted(self, actual: int) -> FormattedResult:
        """Does the same for a result whose cost was counted. Returns the extensions of the response, if any."""
        actual = self.requested if has_passed() else actual
        self.settle_at(actual)
        return self.report(actual) if self.operation.reports_cost else {}

    def settle_at(self, actual: int) -> None:
        """Gives back what is not part of the actual cost."""
        if self._is_settled:
            return
        self._is_settled = True
        self._statistics.count_cost(self.requested, actual)
        if actual != self.requested:
            self._budget.refund(self.requested - actual)

    def fail(self, error: BaseException) -> None:
        """Gives back everything after an execution that has raised `error`, unless its client has ended it."""
        if has_passed() or isinstance(error, asyncio.CancelledError):
            self.settle_at(self.requested)
        else:
            self.cancel()

    def cancel(self) -> None:
        """Gives back everything, because nothing was executed."""
        if not self._is_settled:
            self._is_settled = True
            self._budget.refund(self.requested)

    def count_event(self, result: FormattedResult, actual: int) -> FormattedResult:
        """Counts an event of a subscription. Adds `extensions.cost` if the request asks for it."""
        self._statistics.count_cost(self.requested, actual)
        return {**result, **self.report(actual, not_taken=actual)} if self.operation.reports_cost else result

    def report(self, actual: int, *, not_taken: int = 0) -> FormattedResult:
        """Returns the extensions with the cost. `not_taken` is the part of it that was not taken from the budget."""
        limit, remaining = self._budget.limit, self._budget.remaining
        remaining = None if remaining is None else remaining - not_taken
        cost = {"requested": self.requested, "actual": actual, "limit": limit, "remaining": remaining}
        return {"extensions": {"cost": cost}}

    def actual(self, result: FormattedResult) -> int:
        """Returns the cost of a result."""
        operation = self.operation
        data: dict[str, Any] | None = result["data"]
        return operation.cost.actual(data, operation.variables, self.requested)


class Spendings:
    """Takes the costs of operations from budgets, before anything is executed."""

    def __init__(self, budgets: Budgets, statistics: StatisticsByOperation) -> None:
        self._budgets = budgets
        self.counts_requests = budgets.counts_requests
        self.statistics = statistics

    def begin(self, operation: Operation, caller: Caller, resources: Resources) -> Budget | None:
        """Returns the budget of a request that a stored response may answer, and begins to take what it costs.

        Returns None if such a request costs nothing.
        """
        if not self.counts_requests:
            return None
        budget = self._budgets(caller, operation.cost.rate_class, resources)
        budget.begin()
        return budget

    def charge(self, caller: Caller, cost: int = 1) -> None:
        """Has a caller pay for an event, or for a request without a valid operation."""
        self._budgets.charge(caller, cost)

    async def take_request(self, operation: Operation, caller: Caller, resources: Resources) -> None:
        """Takes what every request costs, for one whose operation is not executed. Raises `RequestError`."""
        await _take_request(self._budgets(caller, operation.cost.rate_class, resources))

    @property
    def knows_empty(self) -> bool:
        """Whether this process knows of any caller that has no quota left for reads."""
        return self._budgets.knows_empty

    def check_empty(self, caller: Caller, resources: Resources) -> None:
        """Raises `RequestError` (RATE_LIMITED) if this process knows that a caller has no quota left for reads."""
        try:
            self._budgets.check_empty(caller, resources)
        except AppError as error:
            raise reject(error) from None

    def free(self, operation: Operation) -> Spending:
        """Returns the spending of an execution that no client has asked for. It takes nothing from a budget."""
        return self._prepare(operation, RequestBudget(None))

    async def take(
        self, operation: Operation, caller: Caller, resources: Resources, budget: Budget | None = None
    ) -> Spending:
        """Takes the cost of an operation, from its `budget` if it has begun. Raises `RequestError`."""
        budget = budget or self._budgets(caller, operation.cost.rate_class, resources)
        spending = self._prepare(operation, budget)
        await self._take(spending.requested, budget, (operation,))
        return spending

    async def take_all(self, operations: Sequence[Operation], caller: Caller, resources: Resources) -> list[Spending]:
        """Takes the sum of the costs of a request's operations, from the greatest of their classes.

        Raises `RequestError`.
        """
        rate_class = max((operation.cost.rate_class for operation in operations), default=RateClass.READS)
        budget = self._budgets(caller, rate_class, resources)
        spendings = [self._prepare(operation, budget) for operation in operations]
        await self._take(sum(spending.requested for spending in spendings), budget, operations)
        return spendings

    def _prepare(self, operation: Operation, budget: Budget) -> Spending:
        requested = operation.cost.requested(operation.variables)
        statistics = self.statistics.of(operation)
        statistics.note_cost(requested)
        return Spending(operation, budget, statistics, requested)

    async def _take(self, requested: int, budget: Budget, operations: Sequence[Operation]) -> None:
        try:
            if (taken := budget.take(requested)) is not None:
                await taken
        except CostExceeded as error:
            await _take_request(budget)
            self.statistics.cost_rejections += 1
            raise reject(_described(error, operations)) from None
        except AppError as error:
            raise reject(error) from None


async def _take_request(budget: Budget) -> None:
    """Takes what every request costs, unless its budget has begun. Raises `RequestError` if there is no room."""
    budget.begin()
    try:
        if (admitted := budget.admit()) is not None:
            await admitted
    except AppError as error:
        raise reject(error) from None


def _described(error: CostExceeded, operations: Sequence[Operation]) -> CostExceeded:
    """Returns the error with the name of the operation, and the path to the part that costs most."""
    worst = max(operations, key=lambda operation: operation.cost.requested(operation.variables))
    subject = f"the operation {worst.name}".rstrip()
    if len(operations) > 1:
        subject = f"the batch of {len(operations)} operations"
    return CostExceeded(error.requested, error.limit, subject, ".".join(worst.cost.path))
