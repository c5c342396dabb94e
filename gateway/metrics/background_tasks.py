"""Metrics of background tasks and of the bus."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counters, gauge
from services.resources import Resources


class BackgroundMetrics(MetricCollector):
    """Collects failures of background tasks of this process."""

    def __init__(self, resources: Resources) -> None:
        self._failures = resources.background.failures

    def collect(self) -> Iterator[Family]:
        text = "Unexpected failures of background tasks in this process."
        values = (([task], times) for task, times in sorted(self._failures.items()))
        yield counters("bff_background_failures", text, ["task"], values)


class BusMetrics(MetricCollector):
    """Tells whether the bus connects this process with others."""

    def __init__(self, resources: Resources) -> None:
        self._bus = resources.bus

    def collect(self) -> Iterator[Family]:
        text = "1 if wake-ups of other processes arrive in this process. If it is 0, it polls."
        yield gauge("bff_bus_connected", text, int(self._bus.reaches_other_processes))
