import os

import asyncpg
import pytest
from httpx2 import ASGITransport, AsyncClient

from core.errors import Unavailable
from core.settings import Settings
from gateway.app import create_app
from tests.support.engines import POSTGRES_URL, PostgresEngine, reachable_postgres

pytestmark = pytest.mark.skipif(not reachable_postgres(), reason="PostgreSQL was not reached")


async def test_a_database_that_vanishes_is_unavailable_and_its_process_live_but_not_ready() -> None:
    async with PostgresEngine(f"bff_vanishing_{os.getpid()}").empty() as url:
        app = create_app(Settings(database_url=url, database_deadline=2))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
        ):
            administrator = await asyncpg.connect(POSTGRES_URL)
            await administrator.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')
            await administrator.close()
            with pytest.raises(Unavailable):
                await app.state.resources.database.fetch("SELECT 1 AS one")
            response = await http.get("/readyz")
            assert (response.status_code, response.json()) == (503, {"status": "database unavailable"})
            assert (await http.get("/livez")).status_code == 200
