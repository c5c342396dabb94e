"""Tests many clients that return together, as after a server has died."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from core.settings import Settings
from tests.live.test_bad_input import EVENTS
from tests.support.app import App
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.followers import VIEWER_EVENTS, Following
from tests.support.server import Server
from tests.support.sockets import SocketClient
from tests.support.statements import recorded
from tests.support.timing import PASSING, no_hang, settings_for, until

NODE = "query ($id: ID!) { node(id: $id) { ... on User { handle } } }"
SOCKETS, OF_A_SOCKET = 20, 100
READS = 5
"""Half of the ten connections of a process."""

pytestmark = pytest.mark.usefixtures("on_postgres")


@pytest.fixture
def on_postgres(engine: Engine) -> None:
    if engine.name != "postgres":
        pytest.skip("SQLite has one connection, and no locks of tables")


@pytest.fixture
def settings(database_url: str, deadline: float) -> Settings:
    """Wake-ups do not come back from a server, and statements have the time that the lock is held."""
    return settings_for(database_url, database_deadline=deadline, bus_url="memory://")


@asynccontextmanager
async def locked_streams(settings: Settings) -> AsyncGenerator[None]:
    """Blocks all statements on event streams in the block."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE streams IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def sockets_of(following: Following) -> AsyncGenerator[list[SocketClient]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(following.socket("ana")) for _ in range(SOCKETS)]


def begins(statements: Sequence[str]) -> int:
    """Returns the number of statements with which subscriptions begin."""
    return sum("WHERE s.owner_id IN ($1" in sql for sql in statements)


async def test_2000_subscriptions_take_a_statement_each_and_leave_connections_to_other_requests(
    settings: Settings, server: Server, following: Following, client: Client
) -> None:
    streams, ben = server.resources.streams, await App(client, "ben").global_id()
    async with sockets_of(following) as sockets, no_hang():
        with recorded() as statements:
            async with locked_streams(settings):
                for number in range(OF_A_SOCKET):
                    for socket in sockets:
                        await socket.subscribe(VIEWER_EVENTS, str(number), variables={})
                await until(lambda: len(streams) == SOCKETS * OF_A_SOCKET)
                for _ in range(3):
                    assert await client.data(NODE, {"id": ben}, as_="ana") == {"node": {"handle": "ben"}}
                assert (begins(statements), streams.idle) == (READS, 0)
            await until(lambda: streams.idle == SOCKETS * OF_A_SOCKET)
        assert begins(statements) == SOCKETS * OF_A_SOCKET
        await App(client, "ben").publishes("To all")
        await following.project()
        for socket in sockets:
            heard = [await socket.hear() for _ in range(OF_A_SOCKET)]
            assert {message["id"] for message in heard} == {str(number) for number in range(OF_A_SOCKET)}
            bodies = {message["payload"]["data"]["viewerEvents"]["event"]["post"]["body"] for message in heard}
            assert bodies == {"To all"}


@pytest.mark.parametrize("deadline", [PASSING])
async def test_a_stream_that_cannot_begin_in_time_says_that_it_may_later(
    settings: Settings, server: Server, client: Client
) -> None:
    """graphql-sse does not connect again after 400."""
    async with locked_streams(settings):
        response = await client.post(VIEWER_EVENTS, token=await client.token("ana"), Accept=EVENTS)
    (error,) = response.json()["errors"]
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("UNAVAILABLE", True)
    assert len(server.resources.streams) == 0
