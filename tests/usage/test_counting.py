"""Each operation that is answered counts once, by the fields that it selects, over whatever transport it came."""

import json
from typing import Any

import pytest

from core.settings import Settings
from services.resources import Resources
from tests.support.client import HOME, Client
from tests.support.documents import named, register, send, serving, sha256
from tests.support.kept import TABLES
from tests.support.server import Server
from tests.support.sockets import opened
from tests.support.timing import settings_for
from tests.support.usage import Kept, days, keep_now, kept
from tests.support.world import forget_responses

IOS = {"apollographql-client-name": "ios", "apollographql-client-version": "4.2.0-1234"}
NAME = "query Name { viewer { user { name } } }"
NAME_FIELDS = "Query.viewer User.name Viewer.user"
CANARY = "canary7391"


async def test_operations_count_alike_however_they_are_asked_for(settings: Settings) -> None:
    chosen = settings_for(settings.database_url, max_batch=3, usage_seconds=3600)
    async with serving(chosen) as client:
        await register(client, {"name-1": NAME})
        apq = {"extensions": named(sha256(NAME))}
        for body in ({"query": NAME}, {**apq, "query": NAME}, apq, {"documentId": "name-1"}):
            assert (await send(client, body, **IOS)).status_code == 200
        for params in ({"query": NAME}, {"extensions": json.dumps(apq["extensions"])}):
            assert (await client.http.get("/graphql", params=params, headers=IOS)).status_code == 200
        batch: Any = [{"query": NAME}, {"query": NAME}, {"query": "{ viewer { id } }"}]
        assert (await client.http.post("/graphql", json=batch, headers=IOS)).status_code == 200
        assert await keep_now(client.resources) == [
            Kept("ios", "4.2.0", "", 1, "Query.viewer Viewer.id"),
            Kept("ios", "4.2.0", "Name", 8, NAME_FIELDS),
        ]
        assert await days(client.resources) == [0]


async def test_operations_count_over_sockets_in_parts_and_once_for_all_events(own: Server) -> None:
    before = await keep_now(own.resources)
    async with opened(own, **{"apollographql-client-name": "web"}) as client:
        await client.answers("subscription Events { count(to: 3) { number } }")
        await client.answers("query Hello { hello }")
        await client.answers("query Hello { hello }")
    query = '{ person { name ...Later @defer(label: "later") } } fragment Later on Person { nickname }'
    accept = "multipart/mixed;incrementalSpec=v0.2"
    await own.http.post("/graphql", json={"query": query}, headers={"Accept": accept})
    assert [row for row in await keep_now(own.resources) if row not in before] == [
        Kept("", "", "", 1, "Person.name Person.nickname Query.person"),
        Kept("web", "", "Events", 1, "Event.number Subscription.count"),
        Kept("web", "", "Hello", 2, "Query.hello"),
    ]


async def test_what_is_not_executed_does_not_count(client: Client) -> None:
    for body in (
        {"query": "query Wrong { nothing }"},
        {"query": "query Syntax {"},
        {"query": "query A { viewer { id } } query B { viewer { id } }"},
        {"query": "query Bound { viewer { feed(first: 1000) { edges { cursor } } } }"},
        {"documentId": "nowhere"},
    ):
        assert "errors" in (await send(client, body)).json()
    refused = await client.http.get("/graphql", params={"query": "mutation M { logOut { __typename } }"})
    assert refused.status_code in (400, 405)
    assert await keep_now(client.resources) == []


async def test_an_operation_counts_its_own_fields_and_those_of_its_fragments_as_they_are_named(client: Client) -> None:
    query = """
        query One { node(id: "x") { id ...Person ... on Post { text: body } __typename } }
        query Two { viewer { user { ...Person } } __schema { queryType { name } } }
        query Three { __typename }
        fragment Person on User { handle ...Name }
        fragment Name on User { name }
    """
    person = "Query.viewer User.handle User.name"
    for name in ("One", "Two", "Two", "Three"):
        await client.http.post("/graphql", json={"query": query, "operationName": name})
    assert await keep_now(client.resources) == [
        Kept("", "", "One", 1, "Node.id Post.body Query.node User.handle User.name"),
        Kept("", "", "Three", 1, ""),
        Kept("", "", "Two", 2, f"Query.__schema {person} Viewer.user __Schema.queryType __Type.name"),
    ]


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("ios", "4.2.0-1234", ("ios", "4.2.0")),
        ("ios", "v4.2", ("ios", "4.2")),
        ("com.example.app", "4.2.0+77", ("com.example.app", "4.2.0")),
        ("web", "next", ("web", "")),
        ("web", "1.0.0beta", ("web", "")),
        ("ana@example.com", "1.0.0", ("", "1.0.0")),
        ("A name of words", "1.0.0", ("", "1.0.0")),
        ("a" * 65, "1", ("", "1")),
    ],
)
async def test_apps_and_versions_are_written_as_manifests_are_named(
    client: Client, name: str, version: str, expected: tuple[str, str]
) -> None:
    headers = {"graphql-client-name": name, "graphql-client-version": version}
    await send(client, {"query": NAME}, **headers)
    assert await keep_now(client.resources) == [Kept(*expected, "Name", 1, NAME_FIELDS)]


async def test_nothing_of_a_document_is_kept_but_the_names_of_fields(client: Client) -> None:
    query = f"""
        query Search($i{CANARY}: ID! = "{CANARY}", $b{CANARY}: Boolean! = true) {{
          # {CANARY}
          a{CANARY}: node(id: "{CANARY}") {{ id }}
          ...F{CANARY}
          viewer {{ user {{ id @skip(if: true) @include(if: $b{CANARY}) }} }}
        }}
        fragment F{CANARY} on Query {{ b{CANARY}: node(id: $i{CANARY}) {{ __typename }} }}
    """
    headers = {"graphql-client-name": f"{CANARY}@example.com", "graphql-client-version": CANARY}
    answer = await send(client, {"query": query}, **headers)
    assert set(answer.json()["data"]) == {f"a{CANARY}", f"b{CANARY}", "viewer"}
    assert await keep_now(client.resources) == [
        Kept("", "", "Search", 1, "Node.id Query.node Query.viewer User.id Viewer.user")
    ]
    for table in TABLES:
        assert CANARY not in str(await client.resources.database.fetch(f"SELECT * FROM {table}"))


async def test_what_differs_in_values_alone_is_one_shape(client: Client) -> None:
    for number in range(3):
        await send(client, {"query": f'query One {{ a{number}: node(id: "{number}") {{ id }} }}'})
    assert await keep_now(client.resources) == [Kept("", "", "One", 3, "Node.id Query.node")]


async def test_counting_runs_no_statement_of_a_request(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    del statements[:]
    await client.post(HOME, token=token)
    asked = len(statements)
    await forget_responses(client.resources)
    await client.post(HOME, token=token)
    assert (asked, len(statements)) == (5, 10)
    (row,) = await keep_now(client.resources)
    assert (row.operation, row.uses) == ("Home", 2)


async def test_where_it_is_off_nothing_is_counted(settings: Settings) -> None:
    async with serving(settings_for(settings.database_url, usage="off")) as client:
        await send(client, {"query": NAME})
        resources: Resources = client.resources
    async with serving(settings_for(settings.database_url, usage="off")) as client:
        assert await kept(client.resources) == []
        assert await days(client.resources) == []
    assert resources.usage.take(resources.clock().date()).counts == {}
