"""The engines of the bus, as URLs, and a Redis of the test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.settings import Settings
from services.resources import Resources, open_resources
from tests.conftest import ENGINES, REDIS
from tests.support.engines import POSTGRES_URL, REDIS_URL, Engine, PostgresEngine
from tests.support.redis_servers import INSTALLED, RedisCluster, RedisServer, redis_cluster, redis_server

CONNECTED = [
    *(["postgres"] if "postgres" in ENGINES else []),
    *(["redis"] if REDIS else []),
    *(["cluster"] if INSTALLED else []),
]


@pytest.fixture(scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[RedisCluster]:
    """A cluster whose nodes stay up, since tests share it."""
    async with redis_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[RedisServer]:
    """A Redis of the test, which may be killed and paused."""
    async with redis_server(tmp_path) as server:
        yield server


@pytest.fixture(params=CONNECTED)
def connected_url(request: pytest.FixtureRequest) -> str:
    """An engine of the bus that reaches other processes."""
    return _url_of(request.param, request)


@pytest.fixture(params=["memory", *CONNECTED])
def bus_url(request: pytest.FixtureRequest) -> str:
    """An engine of the bus."""
    return _url_of(request.param, request)


@pytest.fixture
async def postgres_resources(engine: Engine, settings: Settings) -> AsyncGenerator[Resources]:
    """The resources with the settings of the test's file."""
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite has no connections to a server")
    async with open_resources(settings) as opened:
        yield opened


def _url_of(engine: str, request: pytest.FixtureRequest) -> str:
    if engine == "cluster":
        cluster: RedisCluster = request.getfixturevalue("cluster")
        return cluster.url
    return {"memory": "memory://", "postgres": POSTGRES_URL, "redis": REDIS_URL}[engine]
