import json
from collections.abc import Mapping

import pytest

from tests.support.client import HOME, LOG_IN, Client

NAMED = {"query": "{ __typename }"}
VARY = "Accept, Accept-Encoding, Authorization"


async def test_queries_are_answered_over_get(client: Client) -> None:
    params = {"query": HOME, "variables": json.dumps({"feedFirst": 2}), "operationName": "Home", "extensions": "{}"}
    headers = {"Authorization": f"Bearer {await client.token('ana')}"}
    response = await client.http.get("/graphql", params=params, headers=headers)
    assert len(response.json()["data"]["viewer"]["feed"]["edges"]) == 2


async def test_an_answer_that_the_client_has_already_is_not_sent_again(client: Client) -> None:
    first = await client.http.get("/graphql", params=NAMED)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"] == VARY
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.http.get("/graphql", params=NAMED, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        kept = {name: again.headers[name] for name in ("etag", "cache-control", "vary")}
        assert kept == {"etag": tag, "cache-control": "no-cache", "vary": VARY}
        assert "content-length" not in again.headers
    other = await client.http.get("/graphql", params=NAMED, headers={"If-None-Match": '"other"'})
    assert other.json() == {"data": {"__typename": "Query"}}
    for headers in ({"Accept": "application/graphql-response+json"}, {}):
        params = NAMED if headers else {"query": "{ a: __typename }"}
        assert (await client.http.get("/graphql", params=params, headers=headers)).headers["etag"] != tag


async def test_what_somebody_who_is_signed_in_gets_is_kept_by_them_alone(client: Client) -> None:
    headers = {"Authorization": f"Bearer {await client.token('ana')}"}
    response = await client.http.get("/graphql", params=NAMED, headers=headers)
    assert response.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in response.headers["vary"]


async def test_errors_and_answers_to_posts_are_kept_by_nobody(client: Client) -> None:
    wrong = [await client.http.get("/graphql", params={"query": text}) for text in ("{", '{ node(id: "x") { id } }')]
    for response in (*wrong, await client.post("{ __typename }")):
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers


EVENTS = "text/event-stream"


@pytest.mark.parametrize(
    ("params", "accept"),
    [(NAMED, accept) for accept in ("*/*", "application/graphql-response+json", "text/html", EVENTS)]
    + [({}, accept) for accept in ("text/html", "*/*", EVENTS)]
    + [({"query": "{"}, accept) for accept in ("*/*", EVENTS)]
    + [({"query": "{ none }"}, "application/graphql-response+json"), ({"query": LOG_IN, "variables": "{}"}, "*/*")],
)
async def test_head_is_answered_like_get_without_a_body(client: Client, params: dict[str, str], accept: str) -> None:
    head, get = [
        await client.http.request(method, "/graphql", params=params, headers={"Accept": accept})
        for method in ("HEAD", "GET")
    ]
    assert head.status_code == get.status_code
    assert _without_id(head.headers) == _without_id(get.headers)


def _without_id(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "x-request-id"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_mutation_over_get_is_refused(client: Client, statements: list[str], method: str) -> None:
    response = await client.http.request(method, "/graphql", params={"query": LOG_IN, "variables": "{}"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert statements == []


CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (CROSS, 400),
        ({**CROSS, "Sec-Fetch-Site": "same-site"}, 400),
        ({**CROSS, "Sec-Fetch-Mode": "navigate"}, 400),
        ({**CROSS, "Content-Type": "text/plain"}, 400),
        ({**CROSS, "Content-Type": "application/json"}, 200),
        ({**CROSS, "Apollo-Require-Preflight": "true"}, 200),
        ({**CROSS, "GraphQL-Require-Preflight": "1"}, 200),
        ({**CROSS, "X-Apollo-Operation-Name": "Home"}, 200),
        ({**CROSS, "Sec-Fetch-Site": "same-origin"}, 200),
        ({**CROSS, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        ({**CROSS, "Sec-Fetch-Mode": "cors"}, 200),
    ],
)
async def test_a_get_that_another_sites_page_has_caused_unasked_is_refused(
    client: Client, headers: dict[str, str], status: int
) -> None:
    response = await client.http.get("/graphql", params=NAMED, headers=headers)
    assert response.status_code == status
    if status == 400:
        assert response.json()["errors"][0]["message"] == (
            "A page of another site may have sent this request. Send the header graphql-require-preflight: 1."
        )


async def test_the_name_null_is_none(client: Client) -> None:
    """Dart's gql_http_link writes a name that is missing so."""
    answer = await client.http.get("/graphql", params={**NAMED, "operationName": "null"})
    assert answer.json() == {"data": {"__typename": "Query"}}
