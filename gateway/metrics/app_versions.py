"""Metrics of versions of apps."""

from collections.abc import Iterator

from gateway.callers.version_gate import VersionGate
from gateway.metrics.families import Family, MetricCollector, counters


class VersionMetrics(MetricCollector):
    """Collects requests that this process rejected because the app is too old."""

    def __init__(self, gate: VersionGate | None) -> None:
        self._gate = gate

    def collect(self) -> Iterator[Family]:
        rejected = {} if self._gate is None else self._gate.rejected
        text = "Requests and WebSockets that were rejected because the version of the app is too old."
        values = (([app], times) for app, times in sorted(rejected.items()))
        yield counters("bff_app_upgrades_required", text, ["app"], values)
