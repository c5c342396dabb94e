"""Serves the product with metrics, and reads them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import Client


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Client]:
    """Yields the product with `BFF_METRICS=true`, without a response cache."""
    app = create_app(replace(settings, metrics=True, cache_url=""))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)


def measured(page: str) -> dict[str, float]:
    """Returns the samples of a page by their names with labels, as they are written."""
    lines = [line.split() for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def page(client: Client) -> dict[str, float]:
    """Returns the samples that a server has now."""
    return measured((await client.http.get("/metrics")).text)
