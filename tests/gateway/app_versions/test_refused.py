"""Versions that are too old are refused before anything is parsed, and before a stored response answers."""

import logging
import re
from typing import Any

import pytest

from tests.gateway.app_versions.conftest import IOS_STORE, sent_by
from tests.support.client import Client

OLD = sent_by("com.example.app-apollo-ios", "4.1.9-1234")
STORED = 'query Ben { user(handle: "ben") { id name } }'
GRAPHQL = {"Accept": "application/graphql-response+json"}


def refusal(request_id: str, **more: str) -> dict[str, Any]:
    return {
        "message": "Version 4.1.9-1234 of this app is no longer supported. Install version 4.2.0 or later.",
        "extensions": {
            "code": "APP_UPGRADE_REQUIRED",
            "requestId": request_id,
            "retryable": False,
            "documentation": "/errors/APP_UPGRADE_REQUIRED",
            "minimumVersion": "4.2.0",
            **more,
        },
    }


async def test_a_version_below_the_minimum_is_refused_with_the_store(client: Client, statements: list[str]) -> None:
    response = await client.http.post("/graphql", json={"query": "{ __typename }"}, headers={**OLD, **GRAPHQL})
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"
    assert "app-upgrade" not in response.headers
    assert response.json() == {"errors": [refusal(response.headers["x-request-id"], storeUrl=IOS_STORE)]}
    assert statements == []


async def test_clients_that_read_json_alone_get_the_error_with_200(client: Client) -> None:
    response = await client.post("{ __typename }", **OLD, Accept="application/json")
    assert (response.status_code, code_of(response.json())) == (200, "APP_UPGRADE_REQUIRED")


@pytest.mark.parametrize(
    ("name", "version", "served"),
    [
        ("ios", "4.1.9", False),
        ("ios", "4.2.0-beta.2", False),
        ("ios", "4.2.0", True),
        ("ios", "4.2.0-1234", True),
        ("com.example.app-apollo-ios", "4", False),
        ("android", "4.9.9", False),
        ("android", "4.10.0", True),
        ("web", "0.1", True),
        ("unknown", "0.1", True),
        ("ios", "dev", True),
        ("ios", "4.1 (77)", True),
        ("ios", "", True),
        ("", "0.1", True),
    ],
)
@pytest.mark.parametrize("prefix", ["apollographql-client", "graphql-client", "x-graphql-client"])
async def test_versions_are_compared_by_their_numbers(
    client: Client, prefix: str, name: str, version: str, *, served: bool
) -> None:
    answer = (await client.post("{ __typename }", **sent_by(name, version, prefix))).json()
    assert answer == {"data": {"__typename": "Query"}} if served else code_of(answer) == "APP_UPGRADE_REQUIRED"


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("POST", {"content": b"{ not even JSON"}),
        ("POST", {"json": [{"query": "{ __typename }"}]}),
        ("POST", {"json": {"query": "{ not parsed"}}),
        ("GET", {"params": {"query": "{ __typename }"}}),
        ("GET", {}),
        ("POST", {"json": {"query": "{ __typename }"}, "headers": {"Accept": "text/event-stream"}}),
        ("POST", {"json": {"query": "{ __typename }"}, "headers": {"Accept": 'multipart/mixed;deferSpec="20220824"'}}),
        ("PUT", {"content": b""}),
    ],
)
async def test_nothing_of_a_refused_request_is_read(client: Client, method: str, sent: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json", **OLD, **sent.pop("headers", GRAPHQL)}
    response = await client.http.request(method, "/graphql", headers=headers, **sent)
    assert (response.status_code, code_of(response.json())) == (400, "APP_UPGRADE_REQUIRED")


async def test_head_has_the_status_of_get(client: Client) -> None:
    assert (await client.http.head("/graphql?query={__typename}", headers={**OLD, **GRAPHQL})).status_code == 400


async def test_a_stored_response_does_not_answer_a_refused_request(client: Client, statements: list[str]) -> None:
    current = sent_by("ios", "4.10.0")
    for _ in range(2):
        assert (await client.post(STORED, **current)).json()["data"]["user"]["name"]
    statements.clear()
    assert (await client.post(STORED, **current)).json()["data"]["user"]["name"]
    assert statements == [], "the response is stored"
    assert code_of((await client.post(STORED, **OLD)).json()) == "APP_UPGRADE_REQUIRED"
    assert (await client.post(STORED, **current)).json()["data"]["user"]["name"]
    assert statements == [], "and it is still stored"


async def test_refused_requests_are_counted_by_app_and_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = await counted(client)
    assert list(before) == ["android", "ios"]
    for _ in range(2):
        await client.post("{ __typename }", **OLD)
    await client.post("{ __typename }", **sent_by("web", "0.1"))
    assert await counted(client) == {**before, "ios": before["ios"] + 2}
    line = next(record for record in caplog.records if hasattr(record, "errors"))
    facts = {name: getattr(line, name) for name in ("app", "version", "errors")}
    assert facts == {"app": "ios", "version": "4.1.9-1234", "errors": ["APP_UPGRADE_REQUIRED"]}


async def test_other_paths_and_preflight_requests_are_served(client: Client) -> None:
    assert (await client.http.get("/livez", headers=OLD)).status_code == 200
    assert (await client.http.options("/graphql", headers=OLD)).status_code == 204
    assert (await client.http.get("/graphql", headers={**OLD, "Accept": "text/html"})).status_code == 400


async def counted(client: Client) -> dict[str, float]:
    """Returns the refused requests by app."""
    page = (await client.http.get("/metrics")).text
    return {app: float(times) for app, times in re.findall(r'bff_app_upgrades_required_total{app="(.*)"} (.*)', page)}


def code_of(answer: Any) -> str:
    (error,) = answer["errors"]
    return error["extensions"]["code"]
