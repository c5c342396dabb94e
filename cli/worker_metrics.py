"""Serves the metrics of a worker."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from cli.listening import listen
from gateway.metrics.worker import create_worker_app
from services.resources import Resources

_MAX_CONNECTIONS = 20
_IDLE_SECONDS = 5
_DRAIN_SECONDS = 1


class _Server(uvicorn.Server):
    """A server that leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serving_metrics(resources: Resources) -> AsyncGenerator[None]:
    """Serves `/metrics` at `worker_metrics_port` until the block ends. Raises `SettingsError` if the port is in use.

    A connection beyond the maximum gets the status 503.
    """
    settings = resources.settings
    listener = listen(settings.host, settings.worker_metrics_port, "BFF_WORKER_METRICS_PORT")
    config = uvicorn.Config(
        create_worker_app(resources),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listener.close()
