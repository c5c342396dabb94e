"""Server-sent events, as graphql-sse has them in its mode of distinct connections."""

import json
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response

from core.settings import Settings
from tests.support.live import Watched, live_schema
from tests.support.server import Server, serving

EVENTS = "text/event-stream"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
COUNT = "subscription { count(to: 2) { number } }"
COUNTED = (
    b":\n\n"
    b'event: next\ndata: {"data":{"count":{"number":0}}}\n\n'
    b'event: next\ndata: {"data":{"count":{"number":1}}}\n\n'
    b"event: complete\ndata:\n\n"
)


async def ask(server: Server, query: str, accept: str = EVENTS, token: str | None = None) -> Response:
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    return await server.http.post("/graphql", json={"query": query}, headers=headers)


async def test_each_event_is_sent_and_then_that_there_are_no_more(lively: Server) -> None:
    response = await ask(lively, COUNT)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.content == COUNTED


async def test_subscriptions_may_be_asked_for_with_get(lively: Server) -> None:
    response = await lively.http.get("/graphql", params={"query": COUNT}, headers={"Accept": EVENTS})
    assert response.content == COUNTED


async def test_a_query_gets_one_event_where_nothing_else_is_taken(lively: Server) -> None:
    response = await ask(lively, "{ hello }")
    assert response.content == b':\n\nevent: next\ndata: {"data":{"hello":"world"}}\n\nevent: complete\ndata:\n\n'


@pytest.mark.parametrize("accept", [URQL, "*/*, text/event-stream", "text/event-stream, application/json;q=0.1"])
async def test_a_query_gets_json_where_that_is_taken_too(lively: Server, accept: str) -> None:
    response = await ask(lively, "{ hello }", accept)
    assert response.json() == {"data": {"hello": "world"}}
    assert response.headers["content-type"].endswith("json; charset=utf-8")


@pytest.mark.parametrize("accept", [URQL, "text/event-stream, multipart/mixed", "TEXT/Event-Stream;q=0.2, */*"])
async def test_a_subscription_gets_events_wherever_they_are_taken(lively: Server, accept: str) -> None:
    assert (await ask(lively, COUNT, accept)).content == COUNTED


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("text/event-stream;q=0, */*", 200),
        ("application/graphql-response+json", 400),
        ("multipart/mixed", 400),
        ("multipart/mixed;subscriptionSpec=2.0", 400),
    ],
)
async def test_a_subscription_is_refused_where_no_stream_is_taken(lively: Server, accept: str, status: int) -> None:
    response = await ask(lively, COUNT, accept)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == (
        "Send subscriptions with Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0, or over a "
        "WebSocket."
    )


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("subscription { count(", 400, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { mine }", 400, "UNAUTHENTICATED"),
        ("subscription { fails { number } }", 500, "INTERNAL_SERVER_ERROR"),
        ("query ($number: Int!) { wide(number: $number) }", 400, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_wrong_before_the_first_event_is_json_with_its_status(
    lively: Server, query: str, status: int, code: str
) -> None:
    response = await ask(lively, query)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert "hunter2" not in response.text


async def test_mutations_stay_with_post(lively: Server) -> None:
    response = await lively.http.get("/graphql", params={"query": "mutation { slowly }"}, headers={"Accept": EVENTS})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_source_that_fails_ends_the_stream_with_a_masked_error(lively: Server) -> None:
    first, last, complete = events((await ask(lively, "subscription { ends { number } }")).text)
    assert first == ("next", {"data": {"ends": {"number": 0}}})
    (error,) = last[1]["errors"]
    assert (last[0], error["extensions"]["code"]) == ("next", "INTERNAL_SERVER_ERROR")
    assert "hunter2" not in error["message"]
    assert complete == ("complete", None)


async def test_a_field_that_fails_fails_for_its_event_alone(lively: Server) -> None:
    answers = events((await ask(lively, "subscription { count(to: 3) { sometimes } }")).text)
    assert [answer["data"]["count"]["sometimes"] for _, answer in answers[:-1]] == [0, None, 2]
    (error,) = answers[1][1]["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["count", "sometimes"], "INTERNAL_SERVER_ERROR")
    assert ["errors" in answer for _, answer in answers[:-1]] == [False, True, False]


async def test_each_event_has_loaders_of_its_own(lively: Server, seen: Watched) -> None:
    await ask(lively, "subscription { count(to: 3) { viewer } }")
    assert len({id(loaders) for loaders in seen.loaders}) == 3


async def test_events_are_for_whom_the_token_names(lively: Server) -> None:
    answers = events((await ask(lively, "subscription { count(to: 2) { viewer } }", token=lively.token(42))).text)
    assert [answer["data"]["count"]["viewer"] for _, answer in answers[:-1]] == [42, 42]
    mine = events((await ask(lively, "subscription { mine }", token=lively.token(42))).text)
    assert mine[0] == ("next", {"data": {"mine": 42}})


async def test_a_token_that_is_not_trusted_is_held_against_what_wants_to_know(lively: Server) -> None:
    assert (await ask(lively, COUNT, token="x")).content == COUNTED
    refused = await ask(lively, "subscription { mine }", token="x")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "UNAUTHENTICATED")


async def test_events_are_the_same_without_the_engine(lively_settings: Settings) -> None:
    async with serving(replace(lively_settings, execution="stock"), live_schema()) as server:
        assert (await ask(server, COUNT)).content == COUNTED


def events(text: str) -> list[tuple[str, Any]]:
    """Returns the events as EventSource parses them, without comments."""
    found: list[tuple[str, Any]] = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        if not block.startswith(":"):
            name, data = block.split("\n")
            value = data.removeprefix("data:").strip()
            found.append((name.removeprefix("event: "), json.loads(value) if value else None))
    return found
