"""The cost of an operation: what it may cost at most, and what a result of it cost."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
)

from engine.untracked import untrack
from gateway.costs.bounds import UpperBound
from gateway.costs.compiler import Compiler
from gateway.costs.counters import ObjectCounter, Shortener
from gateway.costs.rate_classes import rate_class_of
from gateway.costs.selections import Collector, GuardedSelections, TooComplex
from gateway.costs.sizes import ArgumentSizes
from gateway.costs.terms import ALWAYS, CostTerm, Variables, valued
from gateway.costs.weights import Weights
from schema.rates import RateClass

MAX_STEPS = 20_000
"""The selections that are visited for a document, counting repetitions: some 30 ms. More complex documents get an upper
bound."""
MAX_TRUSTED_STEPS = 100_000
"""The selections that are visited for a registered document."""
_DIGITS = 6


class OperationCost(NamedTuple):
    """The cost of an operation. `counter` is None if its results are not counted. `path` leads to its largest part.

    `rate_class` says which quotas it takes the cost from.
    """

    term: float | CostTerm
    counter: ObjectCounter | None
    path: tuple[str, ...]
    rate_class: RateClass = RateClass.READS

    def requested(self, variables: Variables) -> int:
        """Returns the largest cost with these values of variables."""
        return ceil(round(valued(self.term, variables), _DIGITS))

    def actual(self, data: dict[str, Any] | None, variables: Variables, requested: int) -> int:
        """Returns the cost of a result, at most what was requested."""
        counter = self.counter
        if data is None or counter is None:
            return requested
        counted = counter.count_one(data, variables) if counter.has_lists else 0.0
        return self.rounded(counter.weight + counted, requested)

    def count_part(
        self, path: Sequence[str | int], data: dict[str, Any] | None, items: Sequence[Any], variables: Variables
    ) -> float:
        """Returns the cost of a part of a result: of the fields `data` of the object at a path, or of items there."""
        counter = self.counter.at(path) if self.counter else None
        if counter is None:
            return 0.0
        cost = counter.count_one(data, variables) if data else 0.0
        return cost + counter.weight * len(items) + counter.count_all(items, variables) if items else cost

    def rounded(self, actual: float, requested: int) -> int:
        """Returns a counted cost as a whole number, at most what was requested."""
        return requested if self.counter is None else min(ceil(round(actual, _DIGITS)), requested)


def operation_costs(
    schema: GraphQLSchema, weights: Weights, document: DocumentNode, *, in_parts: bool, max_steps: int
) -> Mapping[str, OperationCost]:
    """Returns the costs of the operations of a valid document, by name.

    Responses `in_parts` use `@defer` or `@stream`. `max_steps` is the number of selections that may be visited.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    collector = Collector(schema, fragments, max_steps)
    costs: dict[str, OperationCost] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            sizes, root = ArgumentSizes(operation), schema.get_root_type(operation.operation)
            rate_class = rate_class_of(operation, fragments, weights)
            try:
                compiler = Compiler(schema, weights, collector, sizes, in_parts=in_parts)
                root_cost = compiler.of_any(root, [GuardedSelections(operation.selection_set, ALWAYS)])
                counter = Shortener().shortened(root_cost.counter)
                cost = OperationCost(root_cost.term, counter, root_cost.path, rate_class)
            except TooComplex:
                cost = OperationCost(UpperBound(schema, weights, fragments, sizes).of(operation), None, (), rate_class)
            costs[operation.name.value if operation.name else ""] = cost
    return costs


def untrack_costs(costs: Mapping[str, OperationCost]) -> int:
    """Excludes costs from the garbage collector, as documents are, and returns the number of their objects."""
    seen = set[int]()
    stack: list[Any] = [*costs.values()]
    while stack:
        part: Any = stack.pop()
        if isinstance(part, tuple) and id(cast("object", part)) not in seen:
            seen.add(id(cast("object", part)))
            untrack(cast("object", part))
            stack.extend(cast("tuple[Any, ...]", part))
    return len(seen)
