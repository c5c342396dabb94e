import asyncio
import os

import asyncpg
import pytest
from httpx2 import ASGITransport, AsyncClient

from core.errors import Unavailable
from core.settings import Settings
from gateway.app import create_app
from services.resources import Resources, open_resources
from tests.support.engines import POSTGRES_URL, Engine, PostgresEngine, reachable_postgres
from tests.support.timing import HANG_SECONDS, PASSING, no_hang

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


async def test_waiting_for_a_connection_and_running_share_one_deadline() -> None:
    """A statement that waits for the only connection has the remaining time, not the whole deadline again."""
    part = 0.75 * PASSING
    async with (
        PostgresEngine(f"bff_waiting_{os.getpid()}").empty() as url,
        open_resources(Settings(database_url=url, database_pool=1, database_deadline=PASSING)) as resources,
    ):
        fetch = resources.database.fetch
        first = asyncio.create_task(fetch("SELECT 1 AS one, pg_sleep($1)", part))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await fetch("SELECT 2 AS two, pg_sleep($1)", part)
        await first
        assert await fetch("SELECT 3 AS three") == [{"three": 3}]


async def test_a_commit_that_gets_no_answer_ends_with_the_deadline() -> None:
    """A trigger that runs at the end of the transaction waits for a lock."""
    async with (
        PostgresEngine(f"bff_commit_{os.getpid()}").empty() as url,
        open_resources(Settings(database_url=url, database_deadline=PASSING)) as resources,
    ):
        database = resources.database
        await database.fetch("CREATE TABLE things (id BIGINT)")
        await database.fetch(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_sleep({HANG_SECONDS}); RETURN NULL; END $$"
        )
        await database.fetch(
            "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION wait()"
        )
        with pytest.raises(Unavailable):
            async with no_hang(), database.transaction() as transaction:
                await transaction.fetch("INSERT INTO things VALUES (1)")
        assert await database.fetch("SELECT id FROM things") == []


async def test_a_database_that_takes_no_connections_for_a_time_is_unavailable_until_it_does() -> None:
    async with PostgresEngine(f"bff_closed_{os.getpid()}").empty() as url:
        app = create_app(Settings(database_url=url, database_deadline=2))
        name = url.rpartition("/")[2]
        async with app.router.lifespan_context(app):
            database = app.state.resources.database
            administrator = await asyncpg.connect(POSTGRES_URL)
            await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await database.fetch("SELECT 1 AS one")
                with pytest.raises(Unavailable):
                    async with database.transaction():
                        pass
            await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await administrator.close()
            assert await database.fetch("SELECT 1 AS one") == [{"one": 1}]


async def test_connections_compile_no_statements(engine: Engine, resources: Resources) -> None:
    """Compiling a statement with many subqueries takes longer than it does, by far."""
    if engine.name != "postgres":
        pytest.skip("SQLite compiles nothing to machine code")
    assert await resources.database.fetch("SELECT current_setting('jit') AS jit") == [{"jit": "off"}]
