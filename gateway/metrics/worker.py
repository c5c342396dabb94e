"""The application of a worker's metrics."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.metrics.collectors import process_collectors
from gateway.metrics.exposition import join_families, page_of, write_collectors
from gateway.metrics.runtime import RuntimeMetrics
from services.resources import Resources


def create_worker_app(resources: Resources) -> Starlette:
    """Returns an application that serves `/metrics` of this process, without reading the database."""
    runtime = RuntimeMetrics()
    collectors = [*process_collectors(resources), runtime]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with runtime.measuring():
            yield

    async def metrics(_request: Request) -> Response:
        return page_of(join_families([await write_collectors(collectors)]))

    return Starlette(routes=[Route("/metrics", metrics)], lifespan=lifespan)
