"""Metrics of the limits on rates."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counters, gauges
from gateway.rates import RateUsage
from services.resources import Resources

_NO_LABELS: list[str] = []


class RateMetrics(MetricCollector):
    """Collects rejections by quotas, and the state of their engine, if rates are limited."""

    def __init__(self, usage: RateUsage | None, resources: Resources) -> None:
        self._usage = usage or RateUsage()
        self._engine = resources.buckets

    def collect(self) -> Iterator[Family]:
        text = "Requests that were rejected because a quota has no room, by class of operation and kind of bucket."
        rejected = sorted(self._usage.rejected.items())
        values = [([rate_class.label, kind], times) for (rate_class, kind), times in rejected]
        yield counters("bff_rate_rejections", text, ["class", "bucket"], values)
        engines = [] if self._engine is None else [self._engine]
        text = "The longest time that requests waited for a Redis that did not answer, until its breaker opened."
        waits = [(_NO_LABELS, engine.longest_wait) for engine in engines]
        yield gauges("bff_rate_limiter_longest_wait_seconds", text, _NO_LABELS, waits)
        text = "1 if all processes count the rates of requests together. If it is 0, this process counts by itself."
        states = [(_NO_LABELS, int(engine.is_available)) for engine in engines]
        yield gauges("bff_rate_limiter_available", text, _NO_LABELS, states)
