import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from core.settings import Settings
from core.viewer import SignedIn
from gateway.app import create_app
from tests.conftest import REDIS
from tests.support.client import Client
from tests.support.engines import REDIS_URL
from tests.support.timing import DEADLINE, until

Send = Callable[..., Awaitable[Response]]

HOUR = "seconds=3600"
"""A window in which nothing fills up while a test runs."""


@pytest.fixture(params=["memory", *(["redis"] if REDIS else [])])
def engine_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The application with a response cache, and quotas that tests can exhaust."""
    url, name = (REDIS_URL if request.param == "redis" else ""), f"test-{secrets.token_hex(6)}"
    # Another database than that of the response cache, whose deadline a busy machine may miss.
    limits_url = urlsplit(url)._replace(path="/1").geturl() if url else ""
    return replace(
        settings,
        rates="on",
        rate_reads=f"user=100,device=60,address=150,{HOUR}",
        rate_writes=f"user=30,{HOUR}",
        rate_sign_in=f"address=1100,{HOUR}",
        rate_money="0",
        limits_url=limits_url,
        limits_deadline=DEADLINE,
        limits_name=name,
        cache_url=url or "memory://",
        cache_name=name,
        cache_explain="off",
        max_batch=4,
        metrics=True,
    )


@pytest.fixture
async def limited(engine_settings: Settings) -> AsyncGenerator[Client]:
    """The product with rates on each engine."""
    app = create_app(engine_settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        resources = app.state.resources
        await until(lambda: resources.buckets.is_available and resources.responses.is_available)
        yield Client(http, resources)


@pytest.fixture
def send(limited: Client) -> Send:
    """Sends a query as a user on a device, or without one."""

    async def send_one(query: Any, variables: Any = None, *, user: int = 0, device: int = 1) -> Response:
        body: Any = query if isinstance(query, list) else {"query": query, "variables": variables}
        token = limited.resources.access_tokens.issue(SignedIn(user, device))[0] if user else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await limited.http.post("/graphql", json=body, headers=headers)

    return send_one


def left(response: Response) -> str:
    """Returns the name and the room of the bucket in `RateLimit`, without the seconds."""
    return response.headers["ratelimit"].rpartition(";")[0]
