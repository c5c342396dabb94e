"""Servers in the production profile, shared among the tests of a module, which only read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.timing import settings_for

PRODUCTION: dict[str, Any] = {"env": "production", "secret_keys": "a:" + "x" * 32}


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Client]:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)


@pytest.fixture(scope="module")
async def database_url(engine: Engine) -> AsyncGenerator[str]:
    async with engine.copy() as url:
        yield url


@pytest.fixture(scope="module")
async def closed(database_url: str) -> AsyncGenerator[Client]:
    """A server in production, with the defaults of its settings."""
    async with serving(settings_for(database_url, **PRODUCTION)) as client:
        yield client


@pytest.fixture(scope="module")
async def signed_in_only(database_url: str) -> AsyncGenerator[Client]:
    """A server in production whose schema signed-in callers may read."""
    async with serving(settings_for(database_url, introspection="signed-in", **PRODUCTION)) as client:
        yield client


@pytest.fixture(scope="module")
async def development(database_url: str) -> AsyncGenerator[Client]:
    async with serving(settings_for(database_url)) as client:
        yield client
