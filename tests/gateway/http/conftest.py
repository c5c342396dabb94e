"""Shares one database among the tests of a module, which only read."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.timing import settings_for


@pytest.fixture(scope="module")
async def database_url(engine: Engine) -> AsyncGenerator[str]:
    async with engine.copy() as url:
        yield url


@pytest.fixture(scope="module")
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


@pytest.fixture(scope="module")
async def client(settings: Settings) -> AsyncGenerator[Client]:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)
