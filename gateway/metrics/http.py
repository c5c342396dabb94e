"""Metrics of HTTP and of open connections."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counter, counters, gauge
from gateway.statistics import HttpStatistics
from gateway.streaming.connections import CloseReason, OpenConnections


class HttpMetrics(MetricCollector):
    """Collects requests of this process by the class of their status, and its open and closed connections."""

    def __init__(self, statistics: HttpStatistics, connections: OpenConnections) -> None:
        self._statistics = statistics
        self._connections = connections

    def collect(self) -> Iterator[Family]:
        text = "HTTP requests of all paths by class of status; `none` if the client left before the response."
        values = (([name], number) for name, number in self._statistics.by_class())
        yield counters("bff_http_requests", text, ["status"], values)
        text = "HTTP requests of all paths that run now, HTTP streams of subscriptions included."
        yield gauge("bff_http_requests_running", text, self._statistics.running)
        text = "Connections that stay open: WebSockets and HTTP streams of subscriptions."
        yield gauge("bff_open_connections", text, len(self._connections))
        text = "Connections that the server has closed: untrusted (a token ended or was revoked) or draining."
        closed = (([reason.name.lower()], self._connections.closed[reason]) for reason in CloseReason)
        yield counters("bff_connections_closed", text, ["reason"], closed)
        text = "Connections that were rejected because a client address or a user has too many."
        yield counter("bff_connections_rejected", text, self._connections.rejected)
