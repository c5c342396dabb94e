"""Applications whose requests are traced."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from httpx2 import ASGITransport, AsyncClient

from adapters.traces.otlp import OtlpSink
from core.settings import Settings
from gateway.app import create_app
from services.resources import Resources
from tests.support.client import Client
from tests.traces.support.collector import Collector


@asynccontextmanager
async def traced(settings: Settings, collector: Collector, **given: Any) -> AsyncGenerator[Client]:
    """Yields the product, which traces all requests unless `given` says otherwise. It has no response cache."""
    chosen = {"otel": collector.url, "otel_sample": 1.0, "cache_url": "", **given}
    app = create_app(replace(settings, **chosen))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)


def sink_of(resources: Resources) -> OtlpSink:
    assert resources.tracer is not None
    assert isinstance(resources.tracer.sink, OtlpSink)
    return resources.tracer.sink


async def flush(resources: Resources) -> None:
    """Waits until the collector has received what has ended."""
    await asyncio.to_thread(sink_of(resources).flush)
