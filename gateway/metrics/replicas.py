"""Metrics of read replicas."""

from collections.abc import Callable, Iterator, Mapping

from adapters.database.replicas import Replica, Replicas
from gateway.metrics.families import Family, Labelled, MetricCollector, counters, gauges

_LABELS = ["replica"]
_GAUGES: Mapping[str, tuple[str, Callable[[Replica], float]]] = {
    "bff_replica_usable": (
        "1 if reads are sent to a replica.",
        lambda replica: int(replica.is_usable),
    ),
    "bff_replica_lag_seconds": (
        "Seconds since the last state of the primary that a replica is known to have.",
        lambda replica: replica.lag,
    ),
}
_COUNTERS: Mapping[str, tuple[str, Callable[[Replica], int]]] = {
    "bff_replica_statements": (
        "Statements that a replica has answered.",
        lambda replica: replica.statements,
    ),
    "bff_replica_repeats": (
        "Statements that failed on a replica and were answered by the primary.",
        lambda replica: replica.failures.total,
    ),
}


class ReplicaMetrics(MetricCollector):
    """Collects the routes of queries, and the state of each replica. Without replicas there are no samples."""

    def __init__(self, replicas: Replicas | None) -> None:
        self._replicas = replicas

    def collect(self) -> Iterator[Family]:
        routes = {} if self._replicas is None else self._replicas.chosen
        text = "Queries by where their reads were sent to."
        yield counters("bff_replica_routes", text, ["route"], [([str(route)], n) for route, n in routes.items()])
        for name, (text, value) in _GAUGES.items():
            yield gauges(name, text, _LABELS, self._values(value))
        for name, (text, value) in _COUNTERS.items():
            yield counters(name, text, _LABELS, self._values(value))

    def _values(self, value: Callable[[Replica], float]) -> Labelled:
        replicas = () if self._replicas is None else self._replicas.all
        return [([replica.name], value(replica)) for replica in replicas]
