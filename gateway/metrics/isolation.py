"""Metrics of features: circuit breakers and bulkheads of this process."""

from collections.abc import Callable, Iterator, Mapping

from adapters.database import IsolatedDatabase
from adapters.database.bulkhead import Bulkhead
from core.features import Feature
from gateway.metrics.families import Family, Histogram, Labelled, MetricCollector, counters, gauges, histograms

_LABELS = ["feature"]
_GAUGES: Mapping[str, tuple[str, Callable[[Bulkhead], int]]] = {
    "bff_feature_breakers_open": (
        "Statements of a feature whose circuit breaker is open, so that one trial is made per second.",
        lambda bulkhead: bulkhead.open_breakers,
    ),
    "bff_feature_statements_running": (
        "Statements and transactions of a feature that run or wait for a connection.",
        lambda bulkhead: bulkhead.in_use,
    ),
    "bff_feature_statements_waiting": (
        "Statements and transactions of a feature that wait because its share of the connections is in use.",
        lambda bulkhead: bulkhead.waiting,
    ),
}
_COUNTERS: Mapping[str, tuple[str, Callable[[Bulkhead], int]]] = {
    "bff_feature_breaker_openings": (
        "How often circuit breakers of statements of a feature have opened.",
        lambda bulkhead: bulkhead.openings,
    ),
    "bff_feature_failures": (
        "Statements and transactions of a feature that the database did not answer in time, or that got no connection.",
        lambda bulkhead: bulkhead.failures,
    ),
    "bff_feature_rejected": (
        "Statements and transactions of a feature that did not begin: a breaker was open, or no place became free.",
        lambda bulkhead: bulkhead.rejected,
    ),
}


class IsolationMetrics(MetricCollector):
    """Collects breakers, bulkhead, failures and durations of each feature."""

    def __init__(self, features: Mapping[Feature, IsolatedDatabase]) -> None:
        self._features = features

    def collect(self) -> Iterator[Family]:
        for name, (text, value) in _GAUGES.items():
            yield gauges(name, text, _LABELS, self._values(value))
        for name, (text, value) in _COUNTERS.items():
            yield counters(name, text, _LABELS, self._values(value))
        text = "Duration of statements of a feature outside of transactions, with the wait for a connection."
        yield histograms("bff_feature_statement_seconds", text, _LABELS, self._durations())

    def _durations(self) -> Iterator[Histogram]:
        for feature, database in self._features.items():
            if (durations := database.durations).number:
                yield [str(feature)], durations.histogram(), durations.seconds

    def _values(self, value: Callable[[Bulkhead], int]) -> Labelled:
        return [([str(feature)], value(database.bulkhead)) for feature, database in self._features.items()]
