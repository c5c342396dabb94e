"""Rates over a real socket: the response in one piece, WebSockets, event streams, and events of subscriptions."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from tests.gateway.rates.conftest import left
from tests.gateway.streaming.test_lasting import EVENTS
from tests.support.live import live_schema
from tests.support.server import Server, serving
from tests.support.sockets import opened
from tests.support.timing import no_hang

ROOM = 40
HELLO = {"query": "{ hello }"}
STORED = {"query": "{ viewer { __typename } }"}


@pytest.fixture
async def limited(lively_settings: Settings) -> AsyncGenerator[Server]:
    """A server of a schema with subscriptions, and quotas that do not fill up while a test runs."""
    settings = replace(lively_settings, rates="on", rate_reads=f"user={ROOM},address=1000,seconds=3600")
    async with serving(settings, live_schema()) as server:
        yield server


async def ask(server: Server, body: Any = HELLO, **headers: str) -> Any:
    token = {"Authorization": f"Bearer {server.token()}"}
    return await server.http.post("/graphql", json=body, headers={**token, **headers})


async def exhaust(server: Server) -> None:
    for _ in range(ROOM):
        assert (await ask(server)).status_code == 200


async def test_a_stored_response_in_one_piece_has_the_headers(settings: Settings) -> None:
    name = f"test-{secrets.token_hex(6)}"
    more: Any = {"cache_url": "memory://", "cache_name": name, "cache_explain": "off"}
    stored = replace(settings, rates="on", rate_reads="user=40,seconds=3600", cors_origins="https://a.example", **more)
    async with serving(stored) as server:
        answers = [await ask(server, STORED) for _ in range(3)]
        assert [left(answer) for answer in answers] == [f'"reads-user";r={room}' for room in (39, 38, 37)]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"reads-user";q=40;w=3600;qu="cost"'}
        assert len({answer.content for answer in answers}) == 1
        exposed = (await ask(server, STORED, Origin="https://a.example")).headers["access-control-expose-headers"]
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))


async def test_a_rejected_request_is_no_hit_of_the_response_cache(settings: Settings) -> None:
    stored = replace(
        settings,
        rates="on",
        rate_reads="user=20,seconds=3600",
        cache_url="memory://",
        cache_explain="off",
        metrics=True,
    )
    async with serving(stored) as server:
        headers, body = (
            {"Authorization": f"Bearer {server.token()}"},
            {"query": "query Named { viewer { __typename } }"},
        )
        answers = [await server.http.post("/graphql", json=body, headers=headers) for _ in range(24)]
        assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 4
        page = (await server.http.get("/metrics")).text
    assert 'bff_response_cache_total{operation="Named",result="hit"} 19.0' in page


async def test_an_operation_over_a_websocket_is_refused_with_an_error(limited: Server) -> None:
    async with opened(limited, authToken=limited.token()) as socket:
        assert len(await socket.answers("{ hello }")) == 2
        await exhaust_rest(limited)
        for query in ("{ hello }", "subscription { count(to: 2) { number } }"):
            (answer,) = await socket.answers(query)
            assert answer["type"] == "error"
            (error,) = answer["payload"]
            assert error["extensions"]["code"] == "RATE_LIMITED"
            assert 0 < error["extensions"]["retryAfter"] <= 90


async def exhaust_rest(server: Server) -> None:
    while (await ask(server)).status_code == 200:
        pass


async def test_an_event_stream_is_refused_with_429(limited: Server) -> None:
    await exhaust(limited)
    body = {"query": "subscription { count(to: 2) { number } }"}
    response = await ask(limited, body, Accept=EVENTS)
    assert (response.status_code, left(response)) == (429, '"reads-user";r=0')
    assert 0 < int(response.headers["retry-after"]) <= 90
    assert response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_events_are_charged_to_the_user_and_none_is_dropped(limited: Server) -> None:
    async with opened(limited, authToken=limited.token()) as socket:
        answers = await socket.answers("subscription { count(to: 60) { number } }")
    assert [answer["type"] for answer in answers] == ["next"] * 60 + ["complete"]
    asked = 0
    async with no_hang():
        while (await ask(limited)).status_code == 200:
            asked += 1
            await asyncio.sleep(0.2)  # events are charged once a second
    assert asked < ROOM // 2, "the events have taken the rest"


async def test_a_document_that_is_invalid_costs_one_unit_soon(limited: Server) -> None:
    before = int(left(await ask(limited)).partition("r=")[2])
    assert "ratelimit" not in (await ask(limited, {"query": "{ nonsense }"})).headers
    asked = 0
    async with no_hang():
        while True:
            asked += 1
            if int(left(await ask(limited)).partition("r=")[2]) < before - asked:
                break
            await asyncio.sleep(0.3)
