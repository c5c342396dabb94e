import json

import pytest

from tests.support.client import Client

JSON = "application/json"
NEW = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (NEW, NEW),
        (f"{NEW}, application/json", NEW),
        (f"application/json, {NEW}", JSON),
        (f"{NEW};q=0.5, application/json", JSON),
        (f"application/json;q=0.9, {NEW};q=1.0", NEW),
        (f"{NEW};q=0.5, */*", JSON),
        (f"{NEW}, */*", NEW),
        (f"{NEW};q=0", JSON),
        (f"{NEW};q=x", JSON),
        (f"{NEW};q=nan", JSON),
        (f"{NEW.upper()};charset=utf-8", NEW),
        (f"multipart/mixed;deferSpec=20220824,{NEW}, application/json", NEW),
        (f"{NEW}, application/graphql+json, application/json, text/event-stream, multipart/mixed", NEW),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("image/png", JSON),
    ],
)
async def test_the_answers_type_is_the_one_that_the_client_prefers(
    client: Client, accept: str, media_type: str
) -> None:
    response = await client.post("{ __typename }", Accept=accept)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "content_type",
    [JSON, "application/json;charset=utf-8", 'Application/JSON ; Charset="UTF-8"', "application/json; boundary=a"],
)
async def test_json_in_utf_8_is_taken_however_it_is_written(client: Client, content_type: str) -> None:
    body = json.dumps({"query": '{ __type(name: "Ünïcödé") { name } }'}, ensure_ascii=False).encode()
    response = await client.http.post("/graphql", content=body, headers={"Content-Type": content_type})
    assert response.json() == {"data": {"__type": None}}


async def test_what_a_client_sends_beside_a_request_is_ignored(client: Client) -> None:
    sent = {"query": "{ __typename }", "id": "a", "operationName": None, "variables": None, "extensions": {"a": 1}}
    assert (await client.http.post("/graphql", json=sent)).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("inner", ['{"query": 1, "query": 2}', '"\\u0071uery \\"query\\" \\"query\\""'])
async def test_names_may_repeat_where_they_mean_nothing_to_us(client: Client, inner: str) -> None:
    body = f'{{"query": "{{ __typename }}", "extensions": {{"a": {inner}}}}}'
    response = await client.http.post("/graphql", content=body, headers={"Content-Type": JSON})
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_refused(client: Client, method: str) -> None:
    response = await client.http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_options_says_which_methods_there_are(client: Client) -> None:
    response = await client.http.options("/graphql")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert response.content == b""


@pytest.mark.parametrize("path", ["/nothing", "/graphql/", "/"])
async def test_where_there_is_nothing_a_body_says_so(client: Client, path: str) -> None:
    response = await client.http.get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_other_addresses_too_refuse_other_methods_with_a_body(client: Client) -> None:
    response = await client.http.post("/livez")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
