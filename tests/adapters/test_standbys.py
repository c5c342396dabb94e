"""Changes while the synchronous standby does not answer, and at a server that only reads."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from httpx2 import ASGITransport, AsyncClient

from gateway.app import create_app
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import open_resources
from tests.campaign.support.campaign import folder_of
from tests.conftest import ENGINES
from tests.support.client import Client, operation
from tests.support.postgres_server import PostgresServer, running_postgres
from tests.support.timing import PASSING, settings_for

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

PUBLISH = operation("feed.graphql", "PublishPost")
POST = {"input": {"body": "Is it there?", "idempotencyKey": "once"}}
NUMBER = "SELECT count(*) FROM posts WHERE body = 'Is it there?'"


@dataclass
class Served:
    """A client of a server that has a PostgreSQL of its own."""

    client: Client
    postgres: PostgresServer

    async def configure(self, setting: str, value: str) -> None:
        connection: Any = await asyncpg.connect(self.postgres.url)
        await connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()

    async def number(self) -> int:
        connection: Any = await asyncpg.connect(self.postgres.url)
        found = await connection.fetchval(NUMBER)
        await connection.close()
        return found


@pytest.fixture
async def served() -> AsyncGenerator[Served]:
    async with folder_of("standbys") as folder, running_postgres(folder) as postgres:
        async with open_resources(settings_for(postgres.url)) as resources:
            await migrate(resources.database, lambda _name: None)
            await seed(resources, 1)
        app = create_app(settings_for(postgres.url, database_deadline=PASSING, bus_url="memory://"))
        http = AsyncClient(transport=ASGITransport(app), base_url="http://bff")
        async with app.router.lifespan_context(app), http:
            yield Served(Client(http, app.state.resources), postgres)


async def codes(served: Served, query: str, variables: object) -> list[str]:
    answer = await served.client.ask(query, variables, as_="ana")
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


async def test_a_repeated_post_is_acknowledged_only_when_the_standby_has_it(served: Served) -> None:
    await served.configure("synchronous_standby_names", "missing")
    assert await codes(served, PUBLISH, POST) == ["UNAVAILABLE"]
    assert await served.number() == 1  # the commit was only on this server when its wait was cancelled
    assert await codes(served, PUBLISH, POST) == ["UNAVAILABLE"]
    await served.configure("synchronous_standby_names", "")
    assert await codes(served, PUBLISH, POST) == []
    assert await served.number() == 1


async def test_a_repeated_change_without_a_key_is_acknowledged_only_when_the_standby_has_it(served: Served) -> None:
    feed = await served.client.data("{ viewer { feed(first: 1) { edges { node { id likedByViewer } } } } }", as_="ana")
    (edge,) = feed["viewer"]["feed"]["edges"]
    name = "UnlikePost" if edge["node"]["likedByViewer"] else "LikePost"
    change = operation("feed.graphql", name), {"input": {"postId": edge["node"]["id"]}}
    await served.configure("synchronous_standby_names", "missing")
    assert await codes(served, *change) == ["UNAVAILABLE"]
    assert await codes(served, *change) == ["UNAVAILABLE"]
    await served.configure("synchronous_standby_names", "")
    assert await codes(served, *change) == []


async def test_a_change_at_a_server_that_only_reads_may_be_repeated(served: Served) -> None:
    await served.configure("default_transaction_read_only", "on")
    answer = await served.client.ask(PUBLISH, POST, as_="ana")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
    assert answer["errors"][0]["extensions"]["retryable"] is True
    assert "errors" not in await served.client.ask("{ viewer { user { id } } }", as_="ana")
    await served.configure("default_transaction_read_only", "off")
    assert await codes(served, PUBLISH, POST) == []
    assert await served.number() == 1
