"""Responses of replicas are as old as the state that they show, from their first answer on."""

import json
import re
import time

from tests.replicas.conftest import Pair, chosen, replica_of, serving
from tests.support.client import Client
from tests.support.documents import named, sha256
from tests.support.timing import until

NAME = "query Name($handle: String!) { user(handle: $handle) { name } }"
EXTENSIONS = named(sha256(NAME))
_LAG = 4


async def lifetime(client: Client) -> int:
    """Returns the seconds for which shared caches may store a response."""
    params = {"extensions": json.dumps(EXTENSIONS), "variables": json.dumps({"handle": "ben"})}
    answer = await client.http.get("/graphql", params=params)
    found = re.search(r"s-maxage=(\d+)", answer.headers["cache-control"])
    assert found is not None
    return int(found[1])


async def test_shared_caches_keep_the_first_answer_no_longer_than_later_ones(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0, cache_explain="off") as client:
        replica = replica_of(client.resources)
        persisted = {"query": NAME, "variables": {"handle": "ana"}, "extensions": EXTENSIONS}
        assert (await client.http.post("/graphql", json=persisted)).json()["data"]["user"]
        await pair.pause()
        await pair.primary.execute("SELECT pg_switch_wal()")
        await until(lambda: replica.lag > _LAG)
        begun = time.monotonic()
        first, later = await lifetime(client), await lifetime(client)
        assert chosen(client.resources) == {"replica": 2}
        assert first - later <= 1 + time.monotonic() - begun
