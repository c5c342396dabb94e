"""Metrics of versions of apps."""

from collections.abc import Iterator

from gateway.callers.version_gate import VersionGate
from gateway.metrics.families import Family, MetricCollector, counters


class VersionMetrics(MetricCollector):
    """Collects requests that this process refused because the app is too old."""

    def __init__(self, gate: VersionGate | None) -> None:
        self._gate = gate

    def collect(self) -> Iterator[Family]:
        refused = {} if self._gate is None else self._gate.refused
        text = "Requests and WebSockets that were refused because the version of the app is too old."
        values = (([app], times) for app, times in sorted(refused.items()))
        yield counters("bff_app_upgrades_required", text, ["app"], values)
