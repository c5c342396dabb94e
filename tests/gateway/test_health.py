import asyncio

import pytest
from httpx2 import ASGITransport, AsyncClient

from gateway.app import create_app
from gateway.routes import health
from tests.house.test_tables import NAMES
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.timing import PASSING, no_hang, settings_for


async def test_a_process_that_can_answer_is_live_and_ready(client: Client) -> None:
    for path in ("/livez", "/readyz"):
        response = await client.http.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_without_its_tables_a_process_is_live_but_not_ready(engine: Engine) -> None:
    async with engine.empty() as url:
        app = create_app(settings_for(url))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
        ):
            response = await http.get("/readyz")
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert response.json() == {"status": "migrations pending", "migrations": NAMES}
            assert (await http.get("/livez")).status_code == 200


@pytest.mark.parametrize("deadline", [PASSING])
async def test_without_an_answer_of_the_database_a_process_is_live_but_not_ready(
    client: Client, engine: Engine
) -> None:
    """The database answers statements that read no table."""
    if engine.name == "sqlite":
        pytest.skip("SQLite's readers do not wait for a lock")
    async with client.resources.database.transaction() as other, no_hang():
        await other.fetch("LOCK TABLE tortoise_migrations")
        response = await client.http.get("/readyz")
        assert (response.status_code, response.json()) == (503, {"status": "database unavailable"})
        assert (await client.http.get("/livez")).status_code == 200


async def test_a_database_that_is_late_does_not_remove_a_process_that_was_ready(client: Client, engine: Engine) -> None:
    """All processes of a database that is slow under load would be removed from the load balancer at once."""
    if engine.name == "sqlite":
        pytest.skip("SQLite's readers do not wait for a lock")
    assert (await client.http.get("/readyz")).status_code == 200
    async with client.resources.database.transaction() as other, no_hang():
        await other.fetch("LOCK TABLE tortoise_migrations")
        responses = await asyncio.gather(*(client.http.get("/readyz") for _ in range(5)))
    assert {(each.status_code, each.json()["status"]) for each in responses} == {(200, "database slow")}
    async with no_hang():
        while (await client.http.get("/readyz")).json() != {"status": "ok"}:
            pass


@pytest.mark.parametrize("deadline", [PASSING])
async def test_a_process_whose_database_has_been_late_for_long_is_not_ready(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.name == "sqlite":
        pytest.skip("SQLite's readers do not wait for a lock")
    assert (await client.http.get("/readyz")).status_code == 200
    monkeypatch.setattr(health, "_TOLERANCE_SECONDS", 0)
    async with client.resources.database.transaction() as other, no_hang():
        await other.fetch("LOCK TABLE tortoise_migrations")
        response = await client.http.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "database unavailable"})


async def test_the_schema_is_served_as_it_is_committed(client: Client) -> None:
    response = await client.http.get("/schema.graphql")
    assert response.headers["content-type"].startswith("text/plain")
    assert "type Viewer " in response.text
