"""Collects the metrics of a process that servers and workers have in common."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.bounded import BoundedCalls
from adapters.breaker import Breaker
from adapters.payments import GuardedProvider
from core.tracing import DROP_REASONS, SpanSink
from services.resources import Resources

_LABELS = ["channel", "engine"]


class ProcessMetrics(Collector):
    """Collects failures of background tasks, deliveries, and circuit breakers of this process."""

    def __init__(self, resources: Resources) -> None:
        self._failures = resources.background.failures
        self._tracer = resources.tracer
        mail, payments = resources.mail, resources.payments
        self._calls: list[tuple[str, BoundedCalls]] = [("push", calls) for calls in resources.push.calls]
        if mail is not None:
            self._calls.append(("mail", mail.calls))
        self._breakers = [(channel, calls.server, calls.breaker) for channel, calls in self._calls]
        if isinstance(payments, GuardedProvider):
            self._breakers.append(("payments", payments.name, payments.breaker))

    def collect(self) -> Iterator[Metric]:
        text = "Unexpected failures of background tasks in this process."
        family = CounterMetricFamily("bff_background_failures", text, labels=["task"])
        for task, times in sorted(self._failures.items()):
            family.add_metric([task], times)
        yield family
        yield self._deliveries()
        yield self._seconds()
        yield _open_breakers(self._breakers)
        if self._tracer is not None:
            yield _trace_spans(self._tracer.sink)

    def _deliveries(self) -> Metric:
        text = "Attempts to deliver push notifications and mails in this process, by outcome."
        family = CounterMetricFamily("bff_deliveries", text, labels=[*_LABELS, "outcome"])
        for channel, calls in self._calls:
            for outcome, times in sorted(calls.statistics.outcomes.items()):
                family.add_metric([channel, calls.server, outcome], times)
        return family

    def _seconds(self) -> Metric:
        text = "Duration of calls of push providers and the mail server in this process."
        family = HistogramMetricFamily("bff_delivery_call_seconds", text, labels=_LABELS)
        for channel, calls in self._calls:
            if calls.statistics.calls:
                family.add_metric([channel, calls.server], calls.statistics.histogram(), calls.statistics.seconds)
        return family


def _open_breakers(breakers: list[tuple[str, str, Breaker]]) -> Metric:
    text = "1 if the circuit breaker of an engine is open, so that one trial call is made per pause."
    family = GaugeMetricFamily("bff_breaker_open", text, labels=_LABELS)
    for channel, engine, breaker in breakers:
        family.add_metric([channel, engine], int(breaker.is_open))
    return family


def _trace_spans(sink: SpanSink) -> Metric:
    text = "Spans of traces in this process: sent, or dropped because too many waited or the collector did not answer."
    family = CounterMetricFamily("bff_trace_spans", text, labels=["outcome"])
    family.add_metric(["sent"], sink.sent)
    for reason in DROP_REASONS:
        family.add_metric([f"dropped_{reason}"], sink.dropped[reason])
    return family
