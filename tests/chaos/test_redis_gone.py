"""Requests while Redis is stopped and killed: none fails, and each process continues without it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import Settings
from tests.support.client import LOG_IN
from tests.support.redis_servers import INSTALLED, RedisServer, redis_server
from tests.support.server import Server, serving
from tests.support.timing import no_hang, until

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")

STORED = {"query": "{ viewer { __typename } }"}
EXECUTED = {**STORED, "extensions": {"cost": True}}
DEVICE = {"platform": "IOS", "name": "a", "appVersion": "1"}
SIGN_IN = {
    "query": LOG_IN,
    "variables": {"input": {"email": "ana@example.com", "password": "not-the-password", "device": DEVICE}},
}
UNKNOWN_HASH = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncGenerator[RedisServer]:
    async with redis_server(tmp_path) as server:
        yield server
        server.resume()


@pytest.fixture
async def server(settings: Settings, redis: RedisServer) -> AsyncGenerator[Server]:
    """A server whose limits, response cache and persisted queries are in one Redis."""
    url = redis.url
    chosen = replace(
        settings, rates="on", limits_url=url, cache_url=url, apq_url=url, cache_explain="off", apq="on", metrics=True
    )
    async with serving(chosen) as made:
        await until(lambda: uses_redis(made))
        yield made


def uses_redis(server: Server) -> bool:
    responses, buckets = server.resources.responses, server.resources.buckets
    return responses is not None and buckets is not None and responses.is_available and buckets.is_available


async def statuses(server: Server) -> list[int]:
    """Returns the status of each kind of request."""
    headers, found = {"Authorization": f"Bearer {server.token(5)}"}, list[int]()
    async with no_hang():
        for body in (STORED, EXECUTED, SIGN_IN, UNKNOWN_HASH):
            response = await server.http.post("/graphql", json=body, headers=headers)
            assert "UNAVAILABLE" not in response.text
            found.append(response.status_code)
    return found


async def test_no_request_fails_while_redis_is_stopped(server: Server, redis: RedisServer) -> None:
    assert await statuses(server) == [200] * 4
    redis.pause()
    assert await statuses(server) == [200] * 4
    assert not uses_redis(server)
    assert "bff_rate_limiter_available 0.0" in (await server.http.get("/metrics")).text
    redis.resume()
    await until(lambda: uses_redis(server))
    assert await statuses(server) == [200] * 4


async def test_no_request_fails_while_redis_is_killed(server: Server, redis: RedisServer) -> None:
    assert await statuses(server) == [200] * 4
    await redis.kill()
    assert await statuses(server) == [200] * 4
    assert not uses_redis(server)
    await redis.start()
    await until(lambda: uses_redis(server))
    assert await statuses(server) == [200] * 4
