"""Collects the metrics of the limit of executions."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.overload.admission import Admission
from gateway.overload.priorities import Priority


class OverloadMetrics(Collector):
    """Collects the limit, the executions below it, those that wait, and what was shed in this process."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def collect(self) -> Iterator[Metric]:
        admission = self._admission
        text = "Operations that this process may execute at the same time. It follows their latency."
        yield GaugeMetricFamily("bff_execution_limit", text, admission.limit.value)
        text = "Operations that run within the limit, have stalled and no longer count for it, or wait."
        family = GaugeMetricFamily("bff_executions", text, labels=["state"])
        family.add_metric(["running"], admission.running)
        family.add_metric(["stalled"], admission.stalled)
        family.add_metric(["waiting"], admission.waiting)
        yield family
        text = "The median latency of operations beside that while few others run, when it was last measured."
        yield GaugeMetricFamily("bff_execution_load", text, admission.limit.load)
        text = "Operations that were shed because this process has too much work, by priority."
        shed = CounterMetricFamily("bff_shed", text, labels=["priority"])
        for priority in Priority:
            shed.add_metric([priority.name.lower()], admission.shed[priority])
        yield shed
