"""Metrics of the limit of executions."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counters, gauges
from gateway.overload import Admission, Priority

_NO_LABELS: list[str] = []


class OverloadMetrics(MetricCollector):
    """Collects the limit, the executions below it, those that wait, and what was shed, if there is a limit."""

    def __init__(self, admission: Admission | None) -> None:
        self._admissions = [] if admission is None else [admission]

    def collect(self) -> Iterator[Family]:
        text = "Operations that this process may execute at the same time. It follows their latency."
        limits = [(_NO_LABELS, admission.limit.value) for admission in self._admissions]
        yield gauges("bff_execution_limit", text, _NO_LABELS, limits)
        text = "Operations that run within the limit, have stalled and no longer count for it, or wait."
        yield gauges("bff_executions", text, ["state"], self._states())
        text = "The median latency of operations beside that while few others run, when it was last measured."
        loads = [(_NO_LABELS, admission.limit.load) for admission in self._admissions]
        yield gauges("bff_execution_load", text, _NO_LABELS, loads)
        text = "Operations that were shed because this process has too much work, by priority."
        yield counters("bff_shed", text, ["priority"], self._shed())

    def _states(self) -> Iterator[tuple[list[str], float]]:
        for admission in self._admissions:
            yield ["running"], admission.running
            yield ["stalled"], admission.stalled
            yield ["waiting"], admission.waiting

    def _shed(self) -> Iterator[tuple[list[str], float]]:
        for admission in self._admissions:
            yield from (([priority.name.lower()], admission.shed[priority]) for priority in Priority)
