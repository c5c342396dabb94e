"""Shares one server among the tests of a module, which only read."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.timing import settings_for

IOS_STORE = "https://apps.apple.com/app/id1"
GATE: dict[str, Any] = {
    "apps": "ios=com.example.app-apollo-ios",
    "min_versions": "ios=4.2.0,android=4.10.0",
    "recommended_versions": "ios=4.10.0,web=2",
    "store_urls": f"ios={IOS_STORE}",
}
"""Settings of a gate for several apps. Only iOS has a store."""

RECOMMENDED = f'recommended; version="4.10.0"; store="{IOS_STORE}"'


def sent_by(name: str, version: str, prefix: str = "apollographql-client") -> dict[str, str]:
    """Returns the headers of an app."""
    return {f"{prefix}-name": name, f"{prefix}-version": version}


@pytest.fixture(scope="module")
async def settings(engine: Engine) -> AsyncGenerator[Settings]:
    async with engine.copy() as url:
        yield settings_for(url, cache_url="memory://", cache_explain="off", metrics=True, **GATE)


@pytest.fixture(scope="module")
async def client(settings: Settings) -> AsyncGenerator[Client]:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)
