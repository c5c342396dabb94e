"""The application of a worker's metrics."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.metrics.collectors import process_collectors
from gateway.metrics.exposition import page_of, write_families
from services.resources import Resources


def create_worker_app(resources: Resources) -> Starlette:
    """Returns an application that serves `/metrics` of this process, without reading the database."""
    collectors = process_collectors(resources)

    async def metrics(_request: Request) -> Response:
        return page_of(write_families(family for collector in collectors for family in collector.collect()))

    return Starlette(routes=[Route("/metrics", metrics)])
