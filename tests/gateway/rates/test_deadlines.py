"""A request that its client ends, by a deadline or by leaving, pays what it requested: the work may have been done."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from core.settings import Settings
from gateway.callers.time_limits import HEADER
from tests.gateway.rates.conftest import HOUR, left
from tests.gateway.streaming.test_deferred import NEW, OLD
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.live import Watched, live_schema
from tests.support.metrics import serving as serving_product
from tests.support.server import Server, serving
from tests.support.sockets import opened
from tests.support.timing import no_hang

ROOM = 1000
REQUESTED, ACTUAL = 11, 3
WHOLE = "query Slow { person { friends { name } } later(seconds: 0.3) }"
IN_PARTS = "query Slow { person { friends { name } } ... @defer { later(seconds: 0.3) } }"
HUNG = "query Hung { person { friends { name } } ... @defer { never } }"
SHORT = {HEADER: "100"}
TRANSPORTS = [(WHOLE, "application/json"), (WHOLE, "text/event-stream"), (IN_PARTS, NEW), (IN_PARTS, OLD)]


@pytest.fixture
async def server(lively_settings: Settings) -> AsyncGenerator[Server]:
    settings = replace(lively_settings, rates="on", rate_reads=f"address={ROOM},{HOUR}")
    async with serving(settings, live_schema()) as made:
        yield made


async def room(server: Server) -> int:
    """Returns what is left, without what this request takes."""
    response = await server.http.post("/graphql", json={"query": "{ hello }"})
    return int(left(response).partition("r=")[2]) + 1


@pytest.mark.parametrize(("query", "accept"), TRANSPORTS)
async def test_a_request_that_ends_after_its_deadline_pays_what_it_requested(
    server: Server, query: str, accept: str
) -> None:
    body, taken = {"query": query}, list[int]()
    for headers in ({}, SHORT):
        before = await room(server)
        async with no_hang():
            await server.http.post("/graphql", json=body, headers={"Accept": accept, **headers})
        taken.append(before - 1 - await room(server))
    assert taken == [ACTUAL, REQUESTED]


async def test_the_cost_that_is_reported_is_the_one_that_was_taken(server: Server) -> None:
    body = {"query": WHOLE, "extensions": {"cost": True}}
    response = await server.http.post("/graphql", json=body, headers=SHORT)
    assert response.json()["extensions"]["cost"]["actual"] == REQUESTED
    body = {"query": IN_PARTS, "extensions": {"cost": True}}
    response = await server.http.post("/graphql", json=body, headers={"Accept": NEW, **SHORT})
    assert f'"actual":{REQUESTED}' in response.text


async def test_parts_that_never_end_pay_what_they_requested(server: Server, seen: Watched) -> None:
    async with no_hang():
        await server.http.post("/graphql", json={"query": HUNG}, headers={"Accept": NEW, **SHORT})
    assert seen.closed == 1
    assert await room(server) == ROOM - REQUESTED


async def test_a_client_that_leaves_before_the_last_part_pays_what_it_requested(server: Server, seen: Watched) -> None:
    async with server.http.stream("POST", "/graphql", json={"query": HUNG}, headers={"Accept": NEW}) as response:
        await anext(response.aiter_raw())
        await seen.until(lambda: seen.open == 1)
    await seen.until(lambda: seen.closed == 1)
    assert await room(server) == ROOM - REQUESTED


async def test_an_operation_that_a_client_cancels_pays_what_it_requested(server: Server, seen: Watched) -> None:
    async with opened(server) as socket:
        await socket.subscribe("{ never person { friends { name } } }")
        await seen.until(lambda: seen.open == 1)
        await socket.say(type="complete", id="1")
        await seen.until(lambda: seen.closed == 1)
        assert (await socket.answers("{ hello }", id="2"))[-1]["type"] == "complete"
    assert await room(server) == ROOM - REQUESTED - 1


async def test_a_statement_that_the_deadline_of_the_client_ends_costs_what_was_requested(
    settings: Settings, engine: Engine
) -> None:
    feed = "query { viewer { feed(first: 7) { edges { node { id } } } } }"
    async with serving_product(replace(settings, rates="on", rate_reads=f"device=5000,{HOUR}")) as client:
        token = await client.token("ana")
        body = {"query": feed, "extensions": {"cost": True}}
        headers = {"Authorization": f"Bearer {token}"}
        usual = (await client.http.post("/graphql", json=body, headers=headers)).json()
        cost = usual["extensions"]["cost"]
        before = await _left(client, token)
        async with engine.stalled(client.resources), no_hang():
            late = (await client.post(feed, token=token, **{HEADER: "400"})).json()
        assert late["data"]["viewer"]["feed"] is None
        assert before - await _left(client, token) == cost["requested"] + 1


async def _left(client: Client, token: str) -> int:
    response = await client.post("{ viewer { __typename } }", token=token)
    return int(left(response).partition("r=")[2])
