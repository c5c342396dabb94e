"""Subscriptions in parts, read by the rules of Apollo's clients.

The readers here do what the sources of Apollo Client 4, Apollo iOS and Apollo Kotlin do with what comes, no more.
"""

import json
from typing import Any

import pytest
from httpx2 import Response

from tests.support.server import Server

APOLLO_CLIENT = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"
IOS = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
KOTLIN = "multipart/mixed;subscriptionSpec=1.0, application/graphql-response+json, application/json"
COUNT = "subscription { count(to: 2) { number } }"
EVENTS = [{"data": {"count": {"number": 0}}}, {"data": {"count": {"number": 1}}}]


async def ask(server: Server, query: str, accept: str = APOLLO_CLIENT) -> Response:
    return await server.http.post("/graphql", json={"query": query}, headers={"Accept": accept})


@pytest.mark.parametrize("accept", [APOLLO_CLIENT, IOS, KOTLIN])
async def test_each_event_is_a_part(lively: Server, accept: str) -> None:
    response = await ask(lively, COUNT, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == "multipart/mixed; boundary=graphql; subscriptionSpec=1.0"
    assert response.content == (
        b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
        b'{"payload":{"data":{"count":{"number":0}}}}\r\n'
        b"--graphql\r\ncontent-type: application/json\r\n\r\n"
        b'{"payload":{"data":{"count":{"number":1}}}}\r\n'
        b"--graphql--"
    )


async def test_apollo_ios_reads_it(lively: Server) -> None:
    response = await ask(lively, COUNT, IOS)
    assert [part["payload"] for part in read_as_ios(response, "subscriptionSpec=1.0")] == EVENTS


async def test_apollo_ios_2_reads_it(lively: Server) -> None:
    response = await ask(lively, COUNT, IOS)
    assert [part["payload"] for part in read_as_ios_2(response)] == EVENTS


async def test_apollo_client_reads_it(lively: Server) -> None:
    assert [part["payload"] for part in read_as_apollo_client(await ask(lively, COUNT))] == EVENTS


async def test_a_part_is_complete_as_soon_as_it_is_sent(lively: Server) -> None:
    """Clients read a part when they have seen the boundary after it."""
    request = {"query": "subscription { forever { number } }"}
    async with lively.http.stream("POST", "/graphql", json=request, headers={"Accept": IOS}) as response:
        received = ""
        async for chunk in response.aiter_text():
            received += chunk
            if "payload" in received:
                break
    assert received.endswith("\r\n--graphql")


async def test_a_text_that_looks_like_a_boundary_is_none(lively: Server) -> None:
    """Apollo iOS splits at the boundary wherever it stands, so what people write must not have it."""
    query = 'subscription { echo(text: "a\\r\\n--graphql--\\r\\n--graphql b") }'
    response = await ask(lively, query, IOS)
    assert response.text.count("--graphql") == 2
    assert [part["payload"]["data"]["echo"] for part in read_as_ios(response, "subscriptionSpec=1.0")] == [
        "a\r\n--graphql--\r\n--graphql b"
    ]


async def test_a_source_that_fails_ends_the_stream_with_a_masked_error_beside_the_payload(lively: Server) -> None:
    first, last = read_as_apollo_client(await ask(lively, "subscription { ends { number } }"))
    assert first == {"payload": {"data": {"ends": {"number": 0}}}}
    assert last["payload"] is None
    assert [error["extensions"]["code"] for error in last["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert "hunter2" not in json.dumps(last)


async def test_errors_of_fields_are_in_the_payload(lively: Server) -> None:
    parts = read_as_apollo_client(await ask(lively, "subscription { count(to: 2) { sometimes } }"))
    assert [list(part) for part in parts] == [["payload"], ["payload"]]
    assert parts[1]["payload"]["data"] == {"count": {"sometimes": None}}
    assert parts[1]["payload"]["errors"][0]["path"] == ["count", "sometimes"]


@pytest.mark.parametrize(("accept", "status"), [(APOLLO_CLIENT, 200), ("multipart/mixed;subscriptionSpec=1.0", 400)])
async def test_what_is_wrong_before_the_first_event_is_json(lively: Server, accept: str, status: int) -> None:
    """Tests the status of errors. Clients that accept JSON get 200, since they stop on other statuses."""
    response = await ask(lively, "subscription { mine }", accept)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_queries_get_json(lively: Server) -> None:
    response = await ask(lively, "{ hello }")
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "world"}})


async def test_events_go_before_parts_where_they_are_wanted_more(lively: Server) -> None:
    both = "multipart/mixed;subscriptionSpec=1.0;q=0.8, text/event-stream"
    assert (await ask(lively, COUNT, both)).headers["content-type"] == "text/event-stream; charset=utf-8"
    both = "multipart/mixed;subscriptionSpec=1.0, text/event-stream"
    assert (await ask(lively, COUNT, both)).headers["content-type"].startswith("multipart/mixed")


def read_as_ios(response: Response, spec: str) -> list[Any]:
    """Parameters are compared letter by letter; between boundaries are data lines, each a header or JSON."""
    media, *parameters = [part.strip(" ") for part in response.headers["content-type"].split(";")]
    assert "multipart/mixed" in media
    assert spec in parameters
    (boundary,) = [each.removeprefix("boundary=") for each in parameters if each.startswith("boundary=")]
    found: list[Any] = []
    for chunk in response.text.split(f"--{boundary}"):
        for line in chunk.split("\r\n\r\n") if chunk not in ("", "\r\n", "--") else ():
            line = line.strip("\r\n")  # noqa: PLW2901 - as there
            if line.startswith("content-type:"):
                assert line.rpartition(":")[2].strip(" ") == "application/json"
            elif line != "{}":
                found.append(json.loads(line))
    return found


def read_as_ios_2(response: Response) -> list[Any]:
    """Every boundary follows the end of a line, the first one too; between them are data lines, not trimmed."""
    *chunks, end = response.text.split("\r\n--graphql")
    assert (chunks[0], end) == ("", "--")
    found: list[Any] = []
    for chunk in chunks[1:]:
        head, line = chunk.removeprefix("\r\n").split("\r\n\r\n")
        assert head == "content-type: application/json"
        found.append(json.loads(line))
    return found


def read_as_apollo_client(response: Response) -> list[Any]:
    """A part ends where the boundary follows on a new line; its body is what follows an empty line."""
    boundary = response.headers["content-type"].partition("boundary=")[2].partition(";")[0].strip("'\" ")
    *parts, _ = response.text.split(f"\r\n--{boundary}")
    return [json.loads(body) for part in parts if (body := part.partition("\r\n\r\n")[2]) and body != "{}"]
