"""Metrics of the cost of operations."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway.costs.usage import CostUsage
from gateway.metrics.families import counter, counters, gauges


class CostMetrics(Collector):
    """Collects requested and actual costs of this process."""

    def __init__(self, costs: CostUsage) -> None:
        self._costs = costs

    def collect(self) -> Iterator[Metric]:
        costs = self._costs
        text = "Costs of executed operations: requested before, and actual."
        kinds = [(["requested"], costs.requested), (["actual"], costs.actual)]
        yield counters("bff_operation_cost", text, ["kind"], kinds)
        yield counter("bff_cost_rejections", "Requests that were rejected because of their cost.", costs.rejected)
        text = "The largest cost that each operation requested from this process, also if it was rejected."
        largest = (([operation], cost) for operation, cost in sorted(costs.largest.items()))
        yield gauges("bff_operation_cost_largest", text, ["operation"], largest)
