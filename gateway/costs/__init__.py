"""Computes what operations cost, and limits it.

The cost of an operation is the number of objects that it may return, plus the weights of `@cost`. `weights` reads the
directives of a schema. `compiler` computes a document's costs once, as `terms` that need only the variables, and
`counters` count the cost of a result. `budget` compares costs with the limit. Decision 24 gives the reasons.
"""

from gateway.costs.budget import Budget, Budgets, RequestBudget, RequestBudgets
from gateway.costs.operation_cost import MAX_STEPS, MAX_TRUSTED_STEPS, OperationCost, operation_costs, untrack_costs
from gateway.costs.weights import Weights

__all__ = [
    "MAX_STEPS",
    "MAX_TRUSTED_STEPS",
    "Budget",
    "Budgets",
    "OperationCost",
    "RequestBudget",
    "RequestBudgets",
    "Weights",
    "operation_costs",
    "untrack_costs",
]
