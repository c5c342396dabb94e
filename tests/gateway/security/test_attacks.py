"""The checks of graphql-cop that other tests of this folder do not contain, against the production profile.

https://github.com/dolevf/graphql-cop
"""

from typing import Any

import pytest

from tests.support.client import Client

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MUTATION = "mutation { logOut { __typename } }"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"{{ {' '.join(f'alias{n}: __typename' for n in range(101))} }}", "aliases"),
        (f"{{ __typename {'@skip(if: false) ' * 201} }}", "directives"),
        (f"{{ {'__typename ' * 1001} }}", "fields"),
    ],
)
async def test_documents_that_repeat_something_have_a_limit(closed: Client, query: str, message: str) -> None:
    answer = await closed.ask(query)
    assert code_of(answer) == "GRAPHQL_VALIDATION_FAILED"
    assert message in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { __typename ...B } fragment B on Query { __typename ...A }",
    ],
)
async def test_circular_fragments_are_invalid(closed: Client, query: str) -> None:
    assert code_of(await closed.ask(query)) == "GRAPHQL_VALIDATION_FAILED"


async def test_batches_are_off(closed: Client, statements: list[str]) -> None:
    response = await closed.http.post("/graphql", json=[{"query": "{ __typename }"}] * 10)
    assert code_of(response.json()) == "BAD_REQUEST"
    assert statements == []


async def test_mutations_over_get_are_refused(closed: Client, statements: list[str]) -> None:
    response = await closed.http.get("/graphql", params={"query": MUTATION})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert statements == []


@pytest.mark.parametrize("query", ["{ __typename }", MUTATION])
async def test_forms_are_refused(closed: Client, statements: list[str], query: str) -> None:
    response = await closed.http.post("/graphql", data={"query": query}, headers=FORM)
    assert response.status_code == 415
    assert code_of(response.json()) == "BAD_REQUEST"
    assert statements == []


async def test_queries_over_get_of_a_page_of_another_site_are_refused(closed: Client) -> None:
    sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    response = await closed.http.get("/graphql", params={"query": "{ __typename }"}, headers=sent)
    assert code_of(response.json()) == "BAD_REQUEST"


@pytest.mark.parametrize("header", ["apollo-tracing", "x-apollo-tracing", "debug", "x-debug"])
async def test_no_header_turns_traces_on(closed: Client, header: str) -> None:
    assert (await closed.post("{ __typename }", **{header: "1"})).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"query": 1}', b'{"query": "qwerty"}', b"\xff"])
async def test_errors_contain_no_internals(closed: Client, body: bytes) -> None:
    response = await closed.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert code_of(response.json()) in {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED"}
    for internal in ("Traceback", 'File "', ".py", "Exception", "site-packages"):
        assert internal not in response.text


def code_of(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return error["extensions"]["code"]
