"""Families of metrics: samples with one name, and labels. They are generated when they are written."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

Labelled = Iterable[tuple[Sequence[str], float]]
"""Values of labels, each with the value of the metric."""

Histogram = tuple[Sequence[str], Sequence[tuple[str, float]], float]
"""Values of labels, the cumulative number of each bucket by its upper bound, and the sum."""


class Sample(NamedTuple):
    """A line of a family: the suffix of its name, the values of its labels, the bound of a bucket, and the value."""

    suffix: str
    values: Sequence[str]
    bound: str | None
    value: float


class Family(NamedTuple):
    """Samples of one name. `kind` is counter, gauge or histogram. `samples` can be read once."""

    name: str
    kind: str
    text: str
    labels: Sequence[str]
    samples: Iterable[Sample]


class MetricCollector(ABC):
    """Reads what an area of the code has counted."""

    @abstractmethod
    def collect(self) -> Iterator[Family]:
        """Returns the present values, as families that are always the same."""


def counter(name: str, text: str, value: float) -> Family:
    """Returns a counter without labels. The exported name ends with `_total`."""
    return counters(name, text, (), [((), value)])


def counters(name: str, text: str, labels: Sequence[str], values: Labelled) -> Family:
    """Returns a counter for each combination of labels. The exported name ends with `_total`."""
    return Family(f"{name}_total", "counter", text, labels, _samples(values))


def gauge(name: str, text: str, value: float) -> Family:
    """Returns a gauge without labels."""
    return gauges(name, text, (), [((), value)])


def gauges(name: str, text: str, labels: Sequence[str], values: Labelled) -> Family:
    """Returns a gauge for each combination of labels."""
    return Family(name, "gauge", text, labels, _samples(values))


def histograms(name: str, text: str, labels: Sequence[str], values: Iterable[Histogram]) -> Family:
    """Returns a histogram for each combination of labels."""
    return Family(name, "histogram", text, labels, _buckets(values))


def _samples(values: Labelled) -> Iterator[Sample]:
    for of_labels, value in values:
        yield Sample("", of_labels, None, value)


def _buckets(values: Iterable[Histogram]) -> Iterator[Sample]:
    for of_labels, buckets, total in values:
        for bound, number in buckets:
            yield Sample("_bucket", of_labels, bound, number)
        yield Sample("_count", of_labels, None, buckets[-1][1])
        yield Sample("_sum", of_labels, None, total)
