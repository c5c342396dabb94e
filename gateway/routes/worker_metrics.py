"""The application of a worker's metrics."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.routes.process_metrics import ProcessMetrics
from services.resources import Resources


def create_worker_app(resources: Resources) -> Starlette:
    """Returns an application that serves `/metrics` of this process, without reading the database."""
    registry = CollectorRegistry()
    registry.register(ProcessMetrics(resources))

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics)])
