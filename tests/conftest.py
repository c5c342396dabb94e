"""Fixtures: an application on a world of its own, once for every engine that can be reached."""

import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from services.resources import Resources
from tests.support.client import Client
from tests.support.engines import (
    Engine,
    PartitionedEngine,
    PostgresEngine,
    SqliteEngine,
    reachable_postgres,
    reachable_redis,
)
from tests.support.fake_apns import FakeApns, fake_apns
from tests.support.fake_fcm import FakeFcm, fake_fcm
from tests.support.prometheus import INSTALLED as PROMETHEUS
from tests.support.statements import recorded
from tests.support.timing import DEADLINE, settings_for

REDIS = reachable_redis()
ENGINES = ["sqlite", *(["postgres"] if reachable_postgres() else [])]
PARTITIONED = {
    "tests/jobs/test_retention.py",
    "tests/live/test_live_cursors.py",
    "tests/live/test_resets.py",
    "tests/live/test_sync.py",
    "tests/relay/test_foreign.py",
    "tests/relay/test_inboxes.py",
    "tests/relay/test_relay.py",
    "tests/relay/test_streams.py",
    "tests/relay/test_worker.py",
    "tests/services/test_log.py",
    "tests/usage/test_keeping.py",
}
"""The modules whose tests also run on PostgreSQL with partitioned tables."""


def pytest_configure() -> None:
    if os.environ.get("TEST_REQUIRE_POSTGRES") and "postgres" not in ENGINES:
        pytest.exit("PostgreSQL is required and was not reached at TEST_DATABASE_URL", returncode=1)
    if os.environ.get("TEST_REQUIRE_REDIS") and not REDIS:
        pytest.exit("Redis is required and was not reached at TEST_REDIS_URL", returncode=1)
    if os.environ.get("TEST_REQUIRE_PROMETHEUS") and not PROMETHEUS:
        pytest.exit("prometheus and promtool are required and are not installed", returncode=1)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    test = metafunc.definition
    if test.path.relative_to(metafunc.config.rootpath).as_posix() not in PARTITIONED or "postgres" not in ENGINES:
        return
    chosen = any(mark.args[0] == "engine" for mark in test.iter_markers("parametrize"))
    if "engine" in metafunc.fixturenames and not chosen:
        engines = [*ENGINES, "partitioned"]
        test.add_marker(pytest.mark.parametrize("engine", engines, indirect=True, scope="session"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"engines: {', '.join([*ENGINES, *(['redis'] if REDIS else [])])}")


@pytest.fixture(scope="session", params=ENGINES)
async def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Engine]:
    """One of the databases, with a seeded world to copy."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made: Engine
    if request.param == "sqlite":
        made = SqliteEngine(tmp_path_factory.mktemp("sqlite"))
    else:
        kind = PartitionedEngine if request.param == "partitioned" else PostgresEngine
        made = kind(f"bff_test_{os.getpid()}_{worker}_{request.param}")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def database_url(engine: Engine) -> AsyncGenerator[str]:
    """A database with the seeded world, this test's own."""
    async with engine.copy() as url:
        yield url


@pytest.fixture
def deadline() -> float:
    """Seconds that a statement may take. A test that waits for it to pass parametrizes it."""
    return DEADLINE


@pytest.fixture
def settings(database_url: str, deadline: float, engine: Engine) -> Settings:
    """The settings of the application. On PostgreSQL it has a response cache, which no test may notice."""
    cache: dict[str, Any] = {"cache_url": "memory://", "cache_explain": "off", "cache_max_stale": 0}
    return settings_for(
        database_url, database_deadline=deadline, **(cache if isinstance(engine, PostgresEngine) else {})
    )


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[Client]:
    """The product, over ASGI."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            yield Client(http, app.state.resources)


@pytest.fixture
def resources(client: Client) -> Resources:
    return client.resources


@pytest.fixture
def statements() -> Generator[list[str]]:
    """Every statement that the test's application runs."""
    with recorded() as made:
        yield made


@pytest.fixture
def project() -> Path:
    return Path(__file__).parent.parent


@pytest.fixture
async def apns(tmp_path: Path) -> AsyncGenerator[FakeApns]:
    """A server of Apple's push service."""
    async with fake_apns(tmp_path) as fake:
        yield fake


@pytest.fixture
async def fcm(tmp_path: Path) -> AsyncGenerator[FakeFcm]:
    """A server of Firebase Cloud Messaging."""
    async with fake_fcm(tmp_path) as fake:
        yield fake
