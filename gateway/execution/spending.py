"""Takes the costs of operations from the budgets of requests, and gives back what was not used."""

from collections.abc import Sequence
from typing import Any

from core.errors import AppError, CostExceeded
from gateway.callers.caller import Caller
from gateway.costs import Budget, Budgets
from gateway.errors.request_error import reject
from gateway.execution.operation import Operation
from gateway.execution.results import FormattedResult
from gateway.statistics import OperationStatistics, StatisticsByOperation


class Spending:
    """A cost that an operation has taken from a budget. `settle` or `cancel` is called once, after the execution."""

    __slots__ = ("_budget", "_statistics", "operation", "requested")

    def __init__(self, operation: Operation, budget: Budget, statistics: OperationStatistics, requested: int) -> None:
        self.operation = operation
        self._budget = budget
        self._statistics = statistics
        self.requested = requested

    async def settle(self, result: FormattedResult) -> FormattedResult:
        """Gives back what a result did not cost. Adds `extensions.cost` if the request asks for it."""
        actual = self._actual(result)
        await self.settle_at(actual)
        return {**result, **self.report(actual)} if self.operation.reports_cost else result

    async def settle_at(self, actual: int) -> None:
        """Gives back what is not part of the actual cost."""
        self._statistics.count_cost(self.requested, actual)
        if actual != self.requested:
            await self._budget.refund(self.requested - actual)

    async def cancel(self) -> None:
        """Gives back everything, because nothing was executed."""
        await self._budget.refund(self.requested)

    def count_event(self, result: FormattedResult) -> FormattedResult:
        """Counts an event of a subscription. Adds `extensions.cost` if the request asks for it."""
        actual = self._actual(result)
        self._statistics.count_cost(self.requested, actual)
        return {**result, **self.report(actual, not_taken=actual)} if self.operation.reports_cost else result

    def report(self, actual: int, *, not_taken: int = 0) -> FormattedResult:
        """Returns the extensions with the cost. `not_taken` is the part of it that was not taken from the budget."""
        limit, remaining = self._budget.limit, self._budget.remaining
        remaining = None if remaining is None else remaining - not_taken
        cost = {"requested": self.requested, "actual": actual, "limit": limit, "remaining": remaining}
        return {"extensions": {"cost": cost}}

    def _actual(self, result: FormattedResult) -> int:
        operation = self.operation
        data: dict[str, Any] | None = result["data"]
        return operation.cost.actual(data, operation.variables, self.requested)


class Spendings:
    """Takes the costs of operations from budgets, before anything is executed."""

    def __init__(self, budgets: Budgets, statistics: StatisticsByOperation) -> None:
        self._budgets = budgets
        self.statistics = statistics

    async def take(self, operation: Operation, caller: Caller) -> Spending:
        """Takes the cost of an operation. Raises `RequestError` (COST_EXCEEDED)."""
        budget = self._budgets(caller)
        spending = self._prepare(operation, budget)
        await self._take(spending.requested, budget, (operation,))
        return spending

    async def take_all(self, operations: Sequence[Operation], caller: Caller) -> list[Spending]:
        """Takes the sum of the costs of a request's operations. Raises `RequestError` (COST_EXCEEDED)."""
        budget = self._budgets(caller)
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
            await budget.take(requested)
        except CostExceeded as error:
            self.statistics.cost_rejections += 1
            raise reject(_described(error, operations)) from None
        except AppError as error:
            raise reject(error) from None


def _described(error: CostExceeded, operations: Sequence[Operation]) -> CostExceeded:
    """Returns the error with the name of the operation, and the path to the part that costs most."""
    worst = max(operations, key=lambda operation: operation.cost.requested(operation.variables))
    subject = f"the operation {worst.name}".rstrip()
    if len(operations) > 1:
        subject = f"the batch of {len(operations)} operations"
    return CostExceeded(error.requested, error.limit, subject, ".".join(worst.cost.path))
