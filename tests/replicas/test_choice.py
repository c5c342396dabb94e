"""A viewer reads one replica, or the primary."""

from collections.abc import AsyncGenerator

import pytest

from adapters.response_store.tail import position_at
from tests.campaign.support.campaign import folder_of
from tests.replicas.conftest import SETTINGS, Pair, chosen, of_database, serving
from tests.support.client import Client, operation
from tests.support.postgres_server import PostgresServer, running_standby
from tests.support.timing import until

OWN_NAME = "query OwnName { viewer { user { name } } }"
RENAME = operation("account.graphql", "UpdateProfile")


@pytest.fixture
async def third(pair: Pair) -> AsyncGenerator[PostgresServer]:
    """Another standby."""
    async with folder_of("third") as folder, running_standby(pair.primary, folder, SETTINGS) as standby:
        yield standby


async def own_name(client: Client) -> str:
    return (await client.data(OWN_NAME, as_="ana"))["viewer"]["user"]["name"]


async def test_a_viewer_whose_replica_lacks_their_write_reads_the_primary_and_no_other_replica(
    pair: Pair, third: PostgresServer
) -> None:
    urls = f"{pair.replica_url},{of_database(third, pair.url.rpartition('/')[2])}"
    async with serving(pair, database_replica_max_lag=10.0, database_replica_urls=urls) as client:
        replicas, store = client.resources.replicas, client.resources.responses
        assert replicas is not None
        assert store is not None
        number = await client.user_id("ana") % 2
        own, other = replicas.all[number], replicas.all[1 - number]
        await (pair.standby, third)[number].execute("SELECT pg_wal_replay_pause()")
        await client.data(RENAME, {"input": {"name": "Anabel"}}, as_="ana")
        written = store.tail.position
        await until(lambda: (mark := other.mark_at(0)) is not None and mark.position >= written)
        assert own.is_usable
        assert await own_name(client) == "Anabel"
        assert chosen(client.resources) == {"primary_after_write": 1}
        assert (own.statements, other.statements) == (0, 0)


async def test_if_announcements_were_lost_no_replica_can_be_used(pair: Pair) -> None:
    async with serving(pair) as client:
        assert client.resources.responses is not None
        tail = client.resources.responses.tail
        tail.raise_minimum(tail.position + position_at(60_000))
        assert await own_name(client) == "Ana Lima"
        assert chosen(client.resources) == {"primary": 1}
