"""Costs of responses in parts, and of events of subscriptions."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from tests.support.live import live_schema
from tests.support.server import Server, serving

PARTS = "multipart/mixed;incrementalSpec=v0.2,application/json"
PARTS_2022 = "multipart/mixed;deferSpec=20220824,application/json"
PERSON = "{ person { name ... @defer { friends { name } } } }"


@pytest.fixture
async def limited(lively_settings: Settings) -> AsyncGenerator[Server]:
    """A server with a schema of slow fields, whose lists count ten, and a limit of 11."""
    async with serving(replace(lively_settings, max_cost=11), live_schema()) as server:
        yield server


async def ask(server: Server, query: str, accept: str, **extensions: Any) -> list[Any]:
    """Returns the parts of a response."""
    body = {"query": query, "extensions": extensions}
    text = (await server.http.post("/graphql", json=body, headers={"Accept": accept})).text
    if text.startswith("{"):
        return [json.loads(text)]
    if "event:" in text:
        return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    return [json.loads(part.partition("\r\n\r\n")[2]) for part in text.split("--graphql")[1:-1]]


@pytest.mark.parametrize("accept", [PARTS, PARTS_2022])
async def test_the_last_part_has_the_cost_of_all_parts(limited: Server, accept: str) -> None:
    whole = await ask(limited, PERSON.replace("@defer", ""), "application/json", cost=True)
    friends = len(whole[0]["data"]["person"]["friends"])
    assert friends > 0
    first, *_, last = await ask(limited, PERSON, accept, cost=True)
    assert first["hasNext"]
    assert "extensions" not in first
    cost = {"requested": 11, "actual": 1 + friends, "limit": 11, "remaining": 10 - friends}
    assert last["extensions"] == whole[0]["extensions"] == {"cost": cost}


@pytest.mark.parametrize("accept", [PARTS, PARTS_2022])
async def test_streamed_items_count(limited: Server, accept: str) -> None:
    query = "{ person { friends @stream(initialCount: 1) { name } } }"
    *_, last = await ask(limited, query, accept, cost=True)
    (whole,) = await ask(limited, "{ person { friends { name } } }", "application/json", cost=True)
    assert last["extensions"] == whole["extensions"]


@pytest.mark.parametrize("accept", [PARTS, PARTS_2022])
async def test_deferred_fields_count_for_the_limit(limited: Server, accept: str) -> None:
    query = "{ a: person { name ... @defer { friends { name } } } b: person { name } }"
    (answer,) = await ask(limited, query, accept)
    assert answer["errors"][0]["extensions"]["code"] == "COST_EXCEEDED"
    assert answer["errors"][0]["extensions"]["cost"] == {"requested": 12, "limit": 11}


async def test_each_event_of_a_subscription_has_its_cost(limited: Server) -> None:
    events = await ask(limited, "subscription { count(to: 2) { number } }", "text/event-stream", cost=True)
    cost = {"requested": 1, "actual": 1, "limit": 11, "remaining": 10}
    assert [event["extensions"] for event in events] == [{"cost": cost}] * 2
    events = await ask(limited, "subscription { count(to: 2) { number } }", "text/event-stream")
    assert [set(event) for event in events] == [{"data"}] * 2


async def test_a_subscription_whose_events_cost_too_much_does_not_start(lively_settings: Settings) -> None:
    async with serving(replace(lively_settings, max_cost=1), live_schema()) as server:
        query = "subscription { count(to: 2) { number ...again } } fragment again on Event { number }"
        assert len(await ask(server, query, "text/event-stream")) == 2
        (answer,) = await ask(server, "{ a: person { name } b: person { name } }", "text/event-stream")
    assert answer["errors"][0]["extensions"]["code"] == "COST_EXCEEDED"
