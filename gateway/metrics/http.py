"""Metrics of HTTP and of open connections."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counters, gauge
from gateway.statistics import HttpStatistics
from gateway.streaming.connections import OpenConnections


class HttpMetrics(MetricCollector):
    """Collects requests of this process by the class of their status, and its open connections."""

    def __init__(self, statistics: HttpStatistics, connections: OpenConnections) -> None:
        self._statistics = statistics
        self._connections = connections

    def collect(self) -> Iterator[Family]:
        text = "HTTP requests of all paths by class of status; `none` if the client left before the response."
        values = (([name], number) for name, number in self._statistics.by_class())
        yield counters("bff_http_requests", text, ["status"], values)
        text = "Connections that stay open: WebSockets and HTTP streams of subscriptions."
        yield gauge("bff_open_connections", text, len(self._connections))
