import gc
from collections.abc import AsyncGenerator, Generator

import pytest

from cli.runtime import tune_garbage_collection
from core.settings import Settings
from gateway.background import revocations
from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.support.live import Watched, live_schema, watched
from tests.support.server import Server, serving
from tests.support.timing import settings_for


@pytest.fixture(scope="session")
async def lively_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Provides a database without rows, for tests that read only the table of revocations."""
    settings = settings_for(
        f"sqlite://{tmp_path_factory.mktemp('lively')}/bff.sqlite3",
        socket_init_seconds=0.5,
        socket_operations=5,
        heartbeat_seconds=0.3,
        cors_origins="https://listed.example",
    )
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _name: None)
    return settings


@pytest.fixture(scope="module")
async def lively(lively_settings: Settings) -> AsyncGenerator[Server]:
    """A server with a schema of things that take their time, for all tests of a module."""
    async with serving(lively_settings, live_schema()) as server:
        yield server


@pytest.fixture
async def own(lively_settings: Settings) -> AsyncGenerator[Server]:
    """The same, for a test that stops it."""
    async with serving(lively_settings, live_schema()) as server:
        yield server


@pytest.fixture
async def woken(lively_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Server]:
    """A server that learns of revocations when the bus wakes it, and not by itself."""
    monkeypatch.setattr(revocations, "_POLL_SECONDS", 3600.0)
    async with serving(lively_settings, live_schema()) as server:
        yield server


@pytest.fixture
def seen() -> Watched:
    watched.reset()
    return watched


@pytest.fixture(scope="module")
def rested() -> Generator[None]:
    """Tunes garbage collection like a server. Otherwise collections of other tests' objects would delay responses."""
    before = gc.get_threshold()
    tune_garbage_collection()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
