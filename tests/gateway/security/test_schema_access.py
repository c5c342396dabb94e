"""In production, anonymous callers cannot read the schema, whatever way they send the request."""

from typing import Any

import pytest
from graphql import get_introspection_query

from core.errors import SettingsError
from core.settings.environment import read_settings
from tests.support.client import Client

READING = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "User") { fields { name } } }',
    "{ a: __schema { directives { name } } }",
    "{ __typename ...F } fragment F on Query { ... on Query { b: __schema { queryType { name } } } }",
    "{ __schema @include(if: false) { queryType { name } } }",
    get_introspection_query(),
]
CLOSED = {
    "message": "The schema cannot be read from this server. Use the schema.graphql of its release, or a server in "
    "development.",
    "code": "GRAPHQL_VALIDATION_FAILED",
}
SIGN_IN = {
    "message": "Only signed-in callers may read the schema here. Send an access token as 'Authorization: Bearer …'.",
    "code": "UNAUTHENTICATED",
}
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize("query", READING)
async def test_introspection_is_closed_by_default(closed: Client, query: str) -> None:
    for handle in (None, "ana"):
        assert error_of(await closed.ask(query, as_=handle)) == CLOSED


@pytest.mark.parametrize("query", READING)
async def test_signed_in_callers_may_read_the_schema_if_the_setting_says_so(signed_in_only: Client, query: str) -> None:
    for _ in range(2):
        assert error_of(await signed_in_only.ask(query)) == SIGN_IN
        assert "errors" not in await signed_in_only.ask(query, as_="ana")


async def test_a_token_that_is_not_valid_is_an_error_of_the_token(signed_in_only: Client) -> None:
    answer = (await signed_in_only.post(READING[0], token="nonsense")).json()
    assert error_of(answer)["code"] == "UNAUTHENTICATED"
    assert error_of(answer) != SIGN_IN


async def test_another_operation_of_the_document_may_be_executed(closed: Client) -> None:
    query = "query Reads { __schema { queryType { name } } } query Other { __typename }"
    for name, expected in (("Other", None), ("Reads", CLOSED)):
        response = await closed.http.post("/graphql", json={"query": query, "operationName": name})
        assert (response.json() == {"data": {"__typename": "Query"}}) is (expected is None)
        if expected is not None:
            assert error_of(response.json()) == expected


async def test_introspection_over_get_and_as_a_stream_is_closed(closed: Client) -> None:
    response = await closed.http.get("/graphql", params={"query": READING[0]})
    assert error_of(response.json()) == CLOSED
    streamed = await closed.post(READING[0], Accept="text/event-stream")
    assert error_of(streamed.json()) == CLOSED


@pytest.mark.parametrize("query", ["{ __typename }", '{ user(handle: "ana") { __typename } }'])
async def test_typename_is_always_answered(closed: Client, query: str) -> None:
    assert "errors" not in await closed.ask(query)


@pytest.mark.parametrize("query", READING)
async def test_everything_is_open_in_development(development: Client, query: str) -> None:
    assert "errors" not in await development.ask(query)


async def test_the_text_of_the_schema_is_for_the_same_callers(
    closed: Client, signed_in_only: Client, development: Client
) -> None:
    ana = {"Authorization": f"Bearer {await closed.token('ana')}"}
    for client, headers, status in (
        (closed, {}, 403),
        (closed, ana, 403),
        (signed_in_only, {}, 401),
        (signed_in_only, {"Authorization": "Bearer nonsense"}, 401),
        (signed_in_only, ana, 200),
        (development, {}, 200),
    ):
        response = await client.http.get("/schema.graphql", headers=headers)
        assert response.status_code == status
        assert ("type Query" in response.text) is (status == 200)
    assert error_of((await closed.http.get("/schema.graphql")).json()) == CLOSED


async def test_graphiql_is_off_in_production(closed: Client, signed_in_only: Client, development: Client) -> None:
    for client in (closed, signed_in_only):
        response = await client.http.get("/graphql", headers=BROWSER)
        assert error_of(response.json())["code"] == "BAD_REQUEST"
        for path in ("/", "/graphiql/licences.txt"):
            assert (await client.http.get(path, headers=BROWSER)).status_code == 404
    assert (await development.http.get("/graphql", headers=BROWSER)).headers["content-type"].startswith("text/html")


def test_a_wrong_setting_is_found_at_the_start() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_INTROSPECTION": "open"})
    assert str(refused.value) == "BFF_INTROSPECTION: must be one of closed, signed-in"


def error_of(answer: dict[str, Any]) -> dict[str, str]:
    (error,) = answer["errors"]
    return {"message": error["message"], "code": error["extensions"]["code"]}
