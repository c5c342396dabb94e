"""The metrics of the limits on rates."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from gateway.rates import RateUsage
from services.resources import Resources


def rate_metrics(usage: RateUsage | None, resources: Resources) -> Iterator[Metric]:
    """Returns the metrics of this process. There are none if rates are not limited."""
    if usage is None or resources.buckets is None:
        return
    text = "Requests that were rejected because a quota has no room, by class of operation and kind of bucket."
    family = CounterMetricFamily("bff_rate_rejections", text, labels=["class", "bucket"])
    for (rate_class, kind), times in sorted(usage.rejected.items()):
        family.add_metric([rate_class.label, kind], times)
    yield family
    text = "The longest time that requests waited for a Redis that did not answer, before its circuit breaker opened."
    yield GaugeMetricFamily("bff_rate_limiter_longest_wait_seconds", text, resources.buckets.longest_wait)
    text = "1 if all processes count the rates of requests together. If it is 0, this process counts by itself."
    yield GaugeMetricFamily("bff_rate_limiter_available", text, int(resources.buckets.is_available))
