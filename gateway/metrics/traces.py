"""Metrics of traces."""

from collections.abc import Iterator

from core.tracing import DROP_REASONS
from gateway.metrics.families import Family, MetricCollector, counters
from services.resources import Resources


class TraceMetrics(MetricCollector):
    """Collects the spans that were sent and dropped, if there is a collector of traces."""

    def __init__(self, resources: Resources) -> None:
        self._tracer = resources.tracer

    def collect(self) -> Iterator[Family]:
        text = "Spans of traces: sent, or dropped because too many waited or the collector did not answer."
        values: list[tuple[list[str], float]] = []
        if self._tracer is not None:
            sink = self._tracer.sink
            values = [(["sent"], sink.sent)]
            values += [([f"dropped_{reason}"], sink.dropped[reason]) for reason in DROP_REASONS]
        yield counters("bff_trace_spans", text, ["outcome"], values)
