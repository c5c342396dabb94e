"""A primary with the seeded world, a standby of it, and the product that reads both."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from httpx2 import ASGITransport, AsyncClient

from adapters.database.replicas.replica import Replica
from gateway.app import create_app
from models import cache_tags
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources, open_resources
from tests.campaign.support.campaign import folder_of
from tests.conftest import ENGINES
from tests.support.client import Client
from tests.support.engines import SEED_NUMBER
from tests.support.postgres_server import PostgresServer, running_postgres, running_standby
from tests.support.timing import no_hang, settings_for, until

SETTINGS = {"fsync": "off", "shared_buffers": "16MB", "autovacuum": "off", "full_page_writes": "off"}
_WORLD = "world"
_numbers = count()


class Pair(NamedTuple):
    """A primary and its standby. `url` and `replica_url` name the same database on both."""

    primary: PostgresServer
    standby: PostgresServer
    url: str
    replica_url: str

    async def pause(self) -> None:
        """Stops the standby's replay. What the primary commits from now on is not visible on it."""
        await self.caught_up()
        await self.standby.execute("SELECT pg_wal_replay_pause()")

    async def resume(self) -> None:
        await self.standby.execute("SELECT pg_wal_replay_resume()")

    async def caught_up(self) -> None:
        """Waits until the standby has replayed everything."""
        at = await self.primary.execute("SELECT pg_current_wal_lsn()::text")
        async with no_hang():
            while not await self.standby.execute(f"SELECT pg_last_wal_replay_lsn() >= '{at}'"):
                pass


def of_database(server: PostgresServer, name: str) -> str:
    return urlsplit(server.url)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def opened_pair(kind: str) -> AsyncGenerator[Pair]:
    """Runs an empty primary and its standby."""
    async with (
        folder_of(kind) as one,
        folder_of(kind) as two,
        running_postgres(one, SETTINGS) as primary,
        running_standby(primary, two, SETTINGS) as standby,
    ):
        yield Pair(primary, standby, primary.url, standby.url)


@pytest.fixture(scope="session")
async def servers() -> AsyncGenerator[Pair]:
    """A pair that lives as long as the tests, with the seeded world as a template. No test ends its servers."""
    if "postgres" not in ENGINES:
        pytest.skip("PostgreSQL is not reached")
    async with opened_pair("replicas") as pair:
        await pair.primary.execute(f"CREATE DATABASE {_WORLD}")
        async with open_resources(settings_for(of_database(pair.primary, _WORLD))) as resources:
            await migrate(resources.database, lambda _name: None)
            await seed(resources, SEED_NUMBER)
        yield pair


@pytest.fixture
async def pair(servers: Pair) -> AsyncGenerator[Pair]:
    """A database of the test with the seeded world, on both servers."""
    name = f"bff_replicas_{os.getpid()}_{next(_numbers)}"
    await servers.primary.execute(f"CREATE DATABASE {name} TEMPLATE {_WORLD}")
    await servers.caught_up()
    yield servers._replace(url=of_database(servers.primary, name), replica_url=of_database(servers.standby, name))
    await servers.resume()
    await servers.primary.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def serving(pair: Pair, **chosen: Any) -> AsyncGenerator[Client]:
    """Yields the product, which uses the standby."""
    given: dict[str, Any] = {"cache_url": "memory://", "cache_explain": "on", "database_replica_urls": pair.replica_url}
    app = create_app(settings_for(pair.url, **(given | chosen)))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://bff") as http,
    ):
        client = Client(http, app.state.resources)
        if client.resources.replicas is not None:
            replicas = client.resources.replicas.all
            await until(lambda: all(replica.is_usable for replica in replicas))
        yield client


@pytest.fixture
async def client(pair: Pair) -> AsyncGenerator[Client]:
    async with serving(pair) as client:
        yield client


def replica_of(resources: Resources) -> Replica:
    """Returns the only replica."""
    assert resources.replicas is not None
    (replica,) = resources.replicas.all
    return replica


def chosen(resources: Resources) -> dict[str, int]:
    """Returns how often each kind of route was chosen."""
    assert resources.replicas is not None
    return {str(kind): number for kind, number in resources.replicas.chosen.items() if number}


async def until_known(client: Client, handle: str) -> None:
    """Waits until the process knows that the replica has everything that a viewer wrote."""
    assert client.resources.responses is not None
    tail, tags = client.resources.responses.tail, [cache_tags.viewer(await client.user_id(handle))]
    replica = replica_of(client.resources)
    await until(lambda: (mark := replica.mark_at(0)) is not None and tail.is_current(mark.position, tags))
