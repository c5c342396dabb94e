"""Creates families of metrics."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

Labelled = Iterable[tuple[Sequence[str], float]]
"""Values of labels, each with the value of the metric."""

Histogram = tuple[Sequence[str], Sequence[tuple[str, float]], float]
"""Values of labels, the cumulative number of each bucket by its upper bound, and the sum."""


def counter(name: str, text: str, value: float) -> Metric:
    """Returns a counter without labels. The exported name ends with `_total`."""
    return CounterMetricFamily(name, text, value)


def counters(name: str, text: str, labels: Sequence[str], values: Labelled) -> Metric:
    """Returns a counter for each combination of labels. The exported name ends with `_total`."""
    family = CounterMetricFamily(name, text, labels=labels)
    for of_labels, value in values:
        family.add_metric(of_labels, value)
    return family


def gauge(name: str, text: str, value: float) -> Metric:
    """Returns a gauge without labels."""
    return GaugeMetricFamily(name, text, value)


def gauges(name: str, text: str, labels: Sequence[str], values: Labelled) -> Metric:
    """Returns a gauge for each combination of labels."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for of_labels, value in values:
        family.add_metric(of_labels, value)
    return family


def histograms(name: str, text: str, labels: Sequence[str], values: Iterable[Histogram]) -> Metric:
    """Returns a histogram for each combination of labels."""
    family = HistogramMetricFamily(name, text, labels=labels)
    for of_labels, buckets, total in values:
        family.add_metric(of_labels, buckets, total)
    return family
