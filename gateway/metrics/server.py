"""Answers `/metrics` of server processes."""

from prometheus_client.core import Metric
from starlette.requests import Request
from starlette.responses import Response

from gateway.metrics.collectors import ServerParts, server_collectors
from gateway.metrics.database import measure_database
from gateway.metrics.exposition import page_of, write_families
from services.resources import Resources


class ServerMetrics:
    """Measures at each request. Also responds without the database, so that an alert names it and not this route."""

    def __init__(self, parts: ServerParts) -> None:
        self._parts = parts

    async def answer(self, request: Request) -> Response:
        """Returns the metrics of this process, and those of the database."""
        resources: Resources = request.app.state.resources
        shared = await measure_database(resources)
        own: list[Metric] = []
        for collector in server_collectors(self._parts, resources):
            own += collector.collect()
        return page_of(write_families([*shared, *own]))
