import json
from typing import Any

import pytest

from gateway.requests import LONGEST_BODY
from tests.support.client import HOME, LOG_IN, Client

NEW = "application/graphql-response+json"


async def send(client: Client, body: bytes, accept: str = NEW, content_type: str = "application/json") -> Any:
    headers = {"Accept": accept, "Content-Type": content_type}
    return await client.http.post("/graphql", content=body, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"1", b'"x"', b"[]", b"{}", b"{", b"\xff\xfe", b'{"query": 1}', b'{"query": null}',
        b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "operationName": 1}', b'{"query": "{ __typename }", "extensions": 1}',
        b'[{"query": "{ __typename }"}]', b"[" * 100_000, b'{"a":' * 50_000, b'{"query": NaN}',
        b'{"query": "{ __typename }", "operationName": "Missing"}',
        b'{"query": "query A { __typename } query B { __typename }"}',
    ],
)  # fmt: skip
async def test_what_is_no_request_is_a_bad_request(client: Client, statements: list[str], body: bytes) -> None:
    response = await send(client, body)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{NEW}; charset=utf-8"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "data" not in response.json()
    # Clients that take plain JSON alone give up on anything but a 200.
    as_json = await send(client, body, accept="application/json")
    assert as_json.status_code == 200
    assert as_json.json()["errors"][0]["message"] == error["message"]
    assert statements == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{" + "a{" * 3000 + "a" + "}" * 3001, "GRAPHQL_PARSE_FAILED"),
        ("{" + "__typename " * 20_000 + "}", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_document_that_cannot_run_is_refused_with_its_code(client: Client, query: str, code: str) -> None:
    body = json.dumps({"query": query}).encode()
    response = await send(client, body)
    assert response.status_code == 400
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes <= {code, "GRAPHQL_VALIDATION_FAILED"}
    assert (await send(client, body, accept="*/*")).status_code == 200


async def test_a_variable_of_the_wrong_type_is_bad_input(client: Client) -> None:
    response = await client.post(HOME, {"feedFirst": "many"}, Accept=NEW)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_null_for_an_argument_with_a_default_is_bad_input_or_the_default(client: Client) -> None:
    answer = await client.ask(HOME, {"feedFirst": None}, as_="ana")
    assert len(answer["data"]["viewer"]["feed"]["edges"]) == 20


@pytest.mark.parametrize(
    ("method", "status", "allow"),
    [("PUT", 405, "GET, POST"), ("DELETE", 405, "GET, POST"), ("PATCH", 405, "GET, POST")],
)
async def test_other_methods_are_refused(client: Client, method: str, status: int, allow: str) -> None:
    response = await client.http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (status, allow)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_is_taken(client: Client, content_type: str) -> None:
    response = await send(client, b'{"query": "{ __typename }"}', content_type=content_type)
    assert response.status_code == 415


async def test_a_body_that_is_too_long_is_refused(client: Client) -> None:
    response = await send(client, b'{"query": "' + b" " * LONGEST_BODY + b'"}')
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_queries_are_answered_over_get(client: Client) -> None:
    params = {"query": HOME, "variables": json.dumps({"feedFirst": 2}), "operationName": "Home"}
    headers = {"Authorization": f"Bearer {await client.token('ana')}"}
    response = await client.http.get("/graphql", params=params, headers=headers)
    assert len(response.json()["data"]["viewer"]["feed"]["edges"]) == 2


async def test_a_mutation_over_get_is_refused(client: Client, statements: list[str]) -> None:
    response = await client.http.get("/graphql", params={"query": LOG_IN, "variables": "{}"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert statements == []


async def test_variables_over_get_that_are_no_json_are_a_bad_request(client: Client) -> None:
    response = await client.http.get("/graphql", params={"query": HOME, "variables": "{"}, headers={"Accept": NEW})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (NEW, NEW),
        (f"{NEW}, application/json", NEW),
        (f"application/json, {NEW}", NEW),
        (f"{NEW};q=0.5, application/json", "application/json"),
        (f"application/json;q=0.9, {NEW};q=1.0", NEW),
        (f"{NEW};q=0", "application/json"),
        (f"{NEW};q=x", "application/json"),
        (f"{NEW.upper()};charset=utf-8", NEW),
    ],
)
async def test_the_answers_type_is_the_one_that_the_client_prefers(
    client: Client, accept: str, media_type: str
) -> None:
    response = await client.post("{ __typename }", Accept=accept)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "wrong", ["", "junk", "AQEEvrgEgARMtg==", "AQEEvrgEgARMt", "AfkEvrgEgARMtg", "AgEEvrgEgARMtg", "ü", "A" * 1000]
)
async def test_a_malformed_id_is_refused_by_name_before_any_statement(
    client: Client, statements: list[str], wrong: str
) -> None:
    answer = await client.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": wrong})
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "id")
    assert error["message"].startswith("id: ")
    assert statements == []
