"""Queries read a replica that has what their viewer wrote, and the primary otherwise."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType, build_schema

from adapters.response_store.memory import MemoryStore
from gateway.execution.replica_reads import PRIMARY_FIELDS
from tests.conftest import REDIS
from tests.replicas.conftest import Pair, chosen, replica_of, serving, until_known
from tests.support.client import HOME, Client, operation
from tests.support.engines import REDIS_URL
from tests.support.timing import until

NAME = "query Name($handle: String!) { user(handle: $handle) { name } }"
OWN_NAME = "query OwnName { viewer { user { name } } }"
RENAME = operation("account.graphql", "UpdateProfile")
BLOCK = operation("feed.graphql", "BlockUser")
SCREENS: dict[str, tuple[dict[str, Any], int, int]] = {
    "feed.graphql Profile": ({"handle": "ben"}, 6, 0),
    "feed.graphql FeedPage": ({"first": 5}, 1, 0),
    "notifications.graphql Inbox": ({}, 7, 1),
    "payments.graphql WalletScreen": ({}, 0, 4),
}
"""Variables of screens, and the statements of each on the replica and on the primary."""


async def rename(client: Client, handle: str, name: str) -> None:
    changed = (await client.data(RENAME, {"input": {"name": name}}, as_=handle))["updateProfile"]
    assert changed == {**changed, "__typename": "UpdateProfileSuccess", "user": {**changed["user"], "name": name}}


async def own_name(client: Client, handle: str) -> str:
    return (await client.data(OWN_NAME, as_=handle))["viewer"]["user"]["name"]


async def explained(client: Client, query: str, variables: Any) -> tuple[Any, str]:
    """Returns the data of a response without a viewer, and how it came about."""
    answer = await client.ask(query, variables)
    return answer["data"], answer["extensions"]["cache"]["result"]


@pytest.mark.parametrize("screen", SCREENS)
async def test_screens_read_the_replica_with_as_many_statements_and_money_the_primary(
    client: Client, statements: list[str], screen: str
) -> None:
    variables, on_replica, on_primary = SCREENS[screen]
    token, replica = await client.token("ana"), replica_of(client.resources)
    statements.clear()
    answer = (await client.post(operation(*screen.split()), variables, token=token)).json()
    assert "errors" not in answer
    assert (replica.statements, len(statements) - replica.statements) == (on_replica, on_primary)
    assert replica.failures.total == 0


async def test_operations_with_a_live_cursor_read_the_primary(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    statements.clear()
    assert (await client.post(HOME, token=token)).json()["data"]["viewer"]["liveCursor"]
    assert (len(statements), replica_of(client.resources).statements) == (5, 0)
    assert chosen(client.resources) == {}


async def test_changes_since_a_cursor_are_read_from_the_primary(client: Client) -> None:
    page = (await client.data("{ sync { cursor } }", as_="ana"))["sync"]
    changes = f'{{ sync(since: "{page["cursor"]}") {{ changes {{ __typename }} }} }}'
    assert await client.data(changes, as_="ana") == {"sync": {"changes": []}}
    assert (chosen(client.resources), replica_of(client.resources).statements) == ({}, 0)


def test_the_fields_of_the_primary_exist(project: Path) -> None:
    schema = build_schema((project / "schema.graphql").read_text())
    for coordinate in PRIMARY_FIELDS:
        typename, _, field = coordinate.partition(".")
        assert field in cast("GraphQLObjectType", schema.type_map[typename]).fields


async def test_viewers_read_what_they_wrote_while_the_replica_lags(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        replica = replica_of(client.resources)
        await pair.pause()
        await rename(client, "ana", "Anabel")
        assert (await own_name(client, "ana"), replica.statements) == ("Anabel", 0)
        assert chosen(client.resources) == {"primary_after_write": 1}
        assert (await own_name(client, "ben"), replica.statements) == ("Ben Okafor", 1)
        await pair.resume()
        await until(lambda: replica.lag < 0.5)
        await rename(client, "ben", "Benjamin")
        await pair.caught_up()
        await until_known(client, "ben")
        before = chosen(client.resources)["replica"]
        assert await own_name(client, "ben") == "Benjamin"
        assert chosen(client.resources)["replica"] == before + 1


async def test_blocks_take_effect_at_once_while_the_replica_lags(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        await pair.pause()
        ana = await client.data('{ user(handle: "ana") { id } }')
        blocked = await client.data(BLOCK, {"input": {"userId": ana["user"]["id"]}}, as_="ben")
        assert blocked["blockUser"]["__typename"] == "BlockUserSuccess"
        answer = await client.data('{ user(handle: "ben") { posts(first: 1) { edges { node { id } } } } }', as_="ana")
        assert answer["user"] is None or answer["user"]["posts"]["edges"] == []


async def test_no_response_is_stored_that_lacks_an_announced_write(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        before = (await explained(client, NAME, {"handle": "ana"}))[0]
        await pair.pause()
        await rename(client, "ana", "Anabel")
        assert await explained(client, NAME, {"handle": "ana"}) == (before, "miss")
        assert chosen(client.resources)["replica"] == 2
        await pair.resume()
        await pair.caught_up()
        assert await explained(client, NAME, {"handle": "ana"}) == ({"user": {"name": "Anabel"}}, "miss")


async def test_responses_of_replicas_are_stored_until_something_in_them_changes(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        await pair.pause()
        await rename(client, "ana", "Anabel")
        ben = (await explained(client, NAME, {"handle": "ben"}))[0]
        assert await explained(client, NAME, {"handle": "ben"}) == (ben, "hit")
        assert replica_of(client.resources).statements == 1
        await rename(client, "ben", "Benjamin")
        assert await explained(client, NAME, {"handle": "ben"}) == (ben, "miss")


@asynccontextmanager
async def two_servers(pair: Pair) -> AsyncGenerator[tuple[Client, Client]]:
    """Yields two processes with a Redis."""
    shared: dict[str, Any] = {
        "max_batch": 2,
        "cache_url": REDIS_URL,
        "cache_name": f"test-{uuid4().hex[:8]}",
        "database_replica_max_lag": 10.0,
    }
    async with serving(pair, **shared) as one, serving(pair, **shared) as other:
        yield one, other


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
@pytest.mark.parametrize("is_batch", [False, True])
async def test_viewers_read_what_they_wrote_through_another_process(pair: Pair, *, is_batch: bool) -> None:
    """A batch does not pass the response cache, so that nothing else reads the announcements for it."""
    async with two_servers(pair) as (one, other):
        token = await other.token("ana")
        await pair.pause()
        await rename(one, "ana", "Anabel")
        query = {"query": OWN_NAME}
        response = await other.http.post(
            "/graphql", json=[query] if is_batch else query, headers={"Authorization": f"Bearer {token}"}
        )
        (answer,) = response.json() if is_batch else [response.json()]
        assert answer["data"] == {"viewer": {"user": {"name": "Anabel"}}}
        assert chosen(other.resources) == {"primary_after_write": 1}
        assert await own_name(other, "ben") == "Ben Okafor"
        assert chosen(other.resources) == {"primary_after_write": 1, "replica": 1}


async def test_reads_are_sent_to_the_primary_while_announcements_may_be_missing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(pair) as client:
        monkeypatch.setattr(MemoryStore, "is_available", False)
        assert (await client.data(NAME, {"handle": "ben"}))["user"]["name"] == "Ben Okafor"
        assert chosen(client.resources) == {"primary": 1}


async def test_without_the_setting_there_are_no_replicas(pair: Pair) -> None:
    async with serving(pair._replace(replica_url="")) as client:
        assert client.resources.replicas is None
        assert (await client.data(NAME, {"handle": "ben"}))["user"]["name"] == "Ben Okafor"
