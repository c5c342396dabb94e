"""Valid operations that are rejected without an execution take a unit, and are refused without room for it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from tests.gateway.rates.conftest import HOUR, left
from tests.gateway.streaming.test_deferred import NEW
from tests.support.live import live_schema
from tests.support.server import Server, serving
from tests.support.sockets import opened

ROOM = 5
COSTLY = "{ a: person { friends { name } } b: person { friends { name } } ... @defer { hello } }"
COSTLY_EVENTS = "subscription { count(to: 1) { a: number b: number c: number } }"
MUTATION = "mutation { slowly }"


@pytest.fixture
async def server(lively_settings: Settings) -> AsyncGenerator[Server]:
    """A server with a limit of the cost, and with quotas for five requests of each class."""
    quota = f"address={ROOM},{HOUR}"
    settings = replace(lively_settings, max_cost=2, rates="on", rate_reads=quota, rate_writes=quota)
    settings = replace(settings, max_batch=2, metrics=True)
    async with serving(settings, live_schema()) as made:
        yield made


def code_of(response: Any) -> str:
    answer = response.json()
    (error,) = (answer[0] if isinstance(answer, list) else answer)["errors"]
    return error["extensions"]["code"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", NEW])
@pytest.mark.parametrize("batched", [False, True])
async def test_an_operation_that_costs_too_much_takes_a_unit_until_there_is_no_room(
    server: Server, accept: str, *, batched: bool
) -> None:
    body: Any = [{"query": COSTLY}] if batched else {"query": COSTLY}
    responses = [await server.http.post("/graphql", json=body, headers={"Accept": accept}) for _ in range(ROOM + 1)]
    assert [code_of(response) for response in responses] == ["COST_EXCEEDED"] * ROOM + ["RATE_LIMITED"]
    assert [left(response) for response in responses[:2]] == ['"reads-address";r=4', '"reads-address";r=3']
    assert responses[-1].status_code == 429
    assert int(responses[-1].headers["Retry-After"]) > 0
    assert f"bff_cost_rejections_total {ROOM}.0" in (await server.http.get("/metrics")).text


@pytest.mark.parametrize("query", [COSTLY, COSTLY_EVENTS])
async def test_the_same_over_a_websocket(server: Server, query: str) -> None:
    async with opened(server) as socket:
        answers = [await socket.answers(query) for _ in range(ROOM + 1)]
    codes = [error["extensions"]["code"] for (answer,) in answers for error in answer["payload"]]
    assert codes == ["COST_EXCEEDED"] * ROOM + ["RATE_LIMITED"]


async def test_a_mutation_by_get_takes_a_unit_until_there_is_no_room(server: Server) -> None:
    responses = [await server.http.get("/graphql", params={"query": MUTATION}) for _ in range(ROOM + 1)]
    assert [code_of(response) for response in responses] == ["BAD_REQUEST"] * ROOM + ["RATE_LIMITED"]
    assert left(responses[0]) == '"writes-address";r=4'


async def test_a_subscription_without_a_stream_takes_a_unit_until_there_is_no_room(server: Server) -> None:
    body = {"query": "subscription { count(to: 1) { number } }"}
    responses = [await server.http.post("/graphql", json=body) for _ in range(ROOM + 1)]
    assert [code_of(response) for response in responses] == ["BAD_REQUEST"] * ROOM + ["RATE_LIMITED"]


async def test_the_head_of_a_stream_takes_a_unit_until_there_is_no_room(server: Server) -> None:
    parameters, accept = {"query": "subscription { count(to: 1) { number } }"}, {"Accept": "text/event-stream"}
    responses = [await server.http.head("/graphql", params=parameters, headers=accept) for _ in range(ROOM + 1)]
    assert [response.status_code for response in responses] == [200] * ROOM + [429]
