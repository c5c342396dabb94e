"""`@defer` and `@stream`, for those who say that they read parts, in the format that they read."""

import json
from typing import Any

import pytest
from httpx2 import Response

from gateway.background.trusted_documents import refresh_documents
from services.documents import NewDocument, import_documents
from tests.support.live import Watched
from tests.support.server import Server

OLD = "multipart/mixed;deferSpec=20220824,application/json"
NEW = "multipart/mixed;incrementalSpec=v0.2,application/json"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
PERSON = '{ hello person { name ...Later @defer(label: "later") } } fragment Later on Person { name nickname }'


async def ask(server: Server, query: str, accept: str, variables: dict[str, Any] | None = None) -> Response:
    body = {"query": query, "variables": variables}
    return await server.http.post("/graphql", json=body, headers={"Accept": accept})


def parts(response: Response) -> list[Any]:
    assert response.status_code == 200
    begin, *between, end = response.text.split("--graphql")
    assert (begin, end) == ("\r\n", "--")
    heads = [part.partition("\r\n\r\n")[0] for part in between]
    assert heads == ["\r\ncontent-type: application/json"] * len(heads)
    return [json.loads(part.partition("\r\n\r\n")[2]) for part in between]


async def test_the_format_of_2022_has_the_whole_fragment_and_says_where_it_belongs(lively: Server) -> None:
    """Apollo iOS reads the fragment from its part alone, what was known before included."""
    response = await ask(lively, PERSON, OLD)
    assert response.headers["content-type"] == "multipart/mixed; boundary=graphql; deferSpec=20220824"
    assert parts(response) == [
        {"data": {"hello": "world", "person": {"name": "Ana"}}, "hasNext": True},
        {
            "incremental": [{"data": {"name": "Ana", "nickname": "An"}, "path": ["person"], "label": "later"}],
            "hasNext": False,
        },
    ]


@pytest.mark.parametrize("accept", [NEW, "multipart/mixed", URQL])
async def test_the_format_of_v0_2_says_what_is_pending_and_what_is_complete(lively: Server, accept: str) -> None:
    response = await ask(lively, PERSON, accept)
    assert response.headers["content-type"] == "multipart/mixed; boundary=graphql; incrementalSpec=v0.2"
    assert parts(response) == [
        {
            "data": {"hello": "world", "person": {"name": "Ana"}},
            "pending": [{"id": "0", "path": ["person"], "label": "later"}],
            "hasNext": True,
        },
        {"incremental": [{"id": "0", "data": {"nickname": "An"}}], "completed": [{"id": "0"}], "hasNext": False},
    ]


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "application/json, multipart/mixed;q=0",
        "multipart/mixed;deferSpec=20991231, application/json",
        "multipart/mixed;subscriptionSpec=1.0, application/json",
        "multipart/form-data, application/json",
    ],
)
async def test_everybody_else_gets_one_complete_answer(lively: Server, accept: str) -> None:
    response = await ask(lively, PERSON, accept)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"data": {"hello": "world", "person": {"name": "Ana", "nickname": "An"}}}


async def test_an_answer_is_in_one_piece_when_nothing_is_deferred_after_all(lively: Server) -> None:
    query = "query ($late: Boolean!) { person { name ... @defer(if: $late) { nickname } } }"
    response = await ask(lively, query, OLD, {"late": False})
    assert response.json() == {"data": {"person": {"name": "Ana", "nickname": "An"}}}
    assert len(parts(await ask(lively, query, OLD, {"late": True}))) == 2
    response = await ask(lively, "{ hello }", OLD)
    assert response.json() == {"data": {"hello": "world"}}


async def test_a_fragment_with_lists_and_fragments_of_its_own_is_whole(lively: Server) -> None:
    query = """
      { person { name friends { name } ...Outer @defer(label: "outer") } }
      fragment Outer on Person { friends { ...Names nickname } ... @defer(label: "inner") { nickname } }
      fragment Names on Friend { called: name }
    """
    first, *later = parts(await ask(lively, query, OLD))
    assert first == {
        "data": {"person": {"name": "Ana", "friends": [{"name": "Ben"}, {"name": "Chi"}]}},
        "hasNext": True,
    }
    found = {each["label"]: each for part in later for each in part["incremental"]}
    friends = [{"called": "Ben", "nickname": "Be"}, {"called": "Chi", "nickname": "Ch"}]
    assert found["outer"]["data"]["friends"] == friends
    assert found["inner"] == {"data": {"nickname": "An"}, "path": ["person"], "label": "inner"}
    assert [part["hasNext"] for part in later] == [True] * (len(later) - 1) + [False]
    assert all("incremental" in part for part in later), "Apollo iOS gives up on a part that has neither"


async def test_a_fragment_that_fails_is_null_with_a_masked_error(lively: Server) -> None:
    query = '{ person { name ... @defer(label: "x") { broken } } }'
    _, last = parts(await ask(lively, query, OLD))
    (failed,) = last["incremental"]
    assert (failed["data"], failed["path"], failed["label"]) == (None, ["person"], "x")
    assert [error["extensions"]["code"] for error in failed["errors"]] == ["INTERNAL_SERVER_ERROR"]
    _, last = parts(await ask(lively, query, NEW))
    (completed,) = last["completed"]
    assert completed["id"] == "0"
    assert [error["extensions"]["code"] for error in completed["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert "hunter2" not in json.dumps([failed, completed])


async def test_items_of_a_list_come_one_after_another(lively: Server) -> None:
    query = '{ person { friends @stream(initialCount: 1, label: "more") { name } } }'
    response = await ask(lively, query, OLD)
    first, *later = parts(response)
    assert first["data"] == {"person": {"friends": [{"name": "Ben"}]}}
    assert [each for part in later for each in part["incremental"]] == [
        {"items": [{"name": "Chi"}], "path": ["person", "friends", 1], "label": "more"}
    ]
    assert later[-1]["hasNext"] is False
    assert (await ask(lively, query, "*/*")).json() == {
        "data": {"person": {"friends": [{"name": "Ben"}, {"name": "Chi"}]}}
    }


async def test_errors_before_anything_is_executed_are_json(lively: Server) -> None:
    response = await ask(lively, "query ($number: Int!) { wide(number: $number) ... @defer { hello } }", NEW)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_deferred_work_ends_when_the_client_goes_away(lively: Server, seen: Watched) -> None:
    body = {"query": "{ hello ... @defer { never } }"}
    async with lively.http.stream("POST", "/graphql", json=body, headers={"Accept": NEW}) as response:
        async for chunk in response.aiter_text():
            if "hasNext" in chunk:
                break
        await seen.until(lambda: seen.open == 1)
    await seen.until(lambda: seen.closed == 1)


async def test_fragments_that_are_spread_again_and_again_cost_little(lively: Server) -> None:
    """Eleven fragments that each spread the next one twice: 2,048 ways through them, near the limit of fields.

    They are registered, since they would be refused otherwise.
    """
    nested = "\n".join(f"fragment F{n} on Person {{ ...F{n + 1} ... {{ ...F{n + 1} }} }}" for n in range(11))
    query = f"{{ person {{ ... @defer {{ ...F0 }} }} }} {nested} fragment F11 on Person {{ name nickname }}"
    await import_documents(
        lively.resources.database, "ios", "1.0.0", [NewDocument("fragments", "Q", query)], lively.resources.clock()
    )
    await refresh_documents(lively.resources)
    answer = await lively.http.post("/graphql", json={"documentId": "fragments"}, headers={"Accept": OLD})
    _, last = parts(answer)
    assert last["incremental"] == [{"data": {"name": "Ana", "nickname": "An"}, "path": ["person"]}]


@pytest.mark.parametrize(
    ("variable", "variables", "said"),
    [
        ("", {}, "must be from 0 to 2147483647, not -1."),
        ("($n: Int)", {"n": -1}, "must be from 0 to 2147483647, not -1."),
        ("($n: Int)", {"n": None}, "send a number, not null."),
        ("($n: Int = null)", {}, "send a number, not null."),
        ("($n: Int! = -1)", {}, "must be from 0 to 2147483647, not -1."),
    ],
)
async def test_a_list_does_not_begin_with_fewer_than_no_items(
    lively: Server, variable: str, variables: dict[str, Any], said: str
) -> None:
    number = "$n" if variable else "-1"
    query = f"query {variable} {{ person {{ friends @stream(initialCount: {number}) {{ name }} }} }}"
    (error,) = (await ask(lively, query, OLD, variables)).json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (f"initialCount: {said}", "BAD_USER_INPUT")
