"""Texts and ids that are sent to the mutations of the feed."""

import json
from typing import Any

import pytest

from core.global_ids import global_id
from tests.support.client import Client
from tests.support.feed import act, comment, document, field_of, person, post_of, problem, publish
from tests.support.kept import snapshot

LONGEST = {"PublishPost": 5000, "EditPost": 5000, "AddComment": 2000}

REFUSED = {
    "empty": "",
    "only spaces": " \t\r\n ",
    "only the widest space": "\u3000\u00a0",
    "NUL": "a\0b",
    "BEL": "a\x07b",
    "escape": "\x1b[31mred",
    "delete": "a\x7fb",
    "next line": "a\x85b",
    "a carriage return alone": "a\rb",
}

KEPT = {
    " \n two\r\nlines\t\r\n ": "two\nlines",
    "Cle\u0301o": "Cl\u00e9o",
    "\u05d0\u200f\u202b1\u202c \u2066a\u2069": "\u05d0\u200f\u202b1\u202c \u2066a\u2069",
    "👩\u200d👩\u200d👧 🇵🇹": "👩\u200d👩\u200d👧 🇵🇹",
    "'; DROP TABLE posts; --": "'; DROP TABLE posts; --",
    'say "no" \\ $1 %s {x}': 'say "no" \\ $1 %s {x}',
    "a\u2028b": "a\u2028b",
}

FULL = {
    "letters": ("x", 1),
    "emoji, one code point each": ("🚲", 1),
    "letters that are two code points until they are one": ("e\u0301", 1),
    "letters that are one code point until they are two": ("\u0958", 2),
}
"""The parts of texts, with their code points in NFC."""


async def sent_to(client: Client, name: str) -> dict[str, Any]:
    """Returns the input that ana sends besides the text."""
    return {} if name == "PublishPost" else {"postId": (await post_of(client, "ana")).id}


def body_in(answer: dict[str, Any]) -> str:
    return (answer.get("post") or answer["comment"])["body"]


def refused(name: str) -> dict[str, Any]:
    message = f"Write 1 to {LONGEST[name]} letters, without control characters."
    return problem("InvalidInputProblem", "INVALID_INPUT", message, "body")


@pytest.mark.parametrize("name", LONGEST)
async def test_a_text_that_cannot_be_kept_is_refused_by_field_costs_no_statement_and_changes_nothing(
    client: Client, statements: list[str], name: str
) -> None:
    sent, before, token = await sent_to(client, name), await snapshot(client.resources), await client.token("ana")
    statements.clear()
    wrong: list[str] = []
    too_long = {f"one more of {what}": part * (LONGEST[name] // size + 1) for what, (part, size) in FULL.items()}
    for what, body in (REFUSED | too_long).items():
        answer = (await client.post(document(name), {"input": {**sent, "body": body}}, token=token)).json()
        wrong += [] if answer == {"data": {field_of(name): refused(name)}} else [f"{what}: {answer}"]
    assert wrong == []
    assert statements == []
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("name", LONGEST)
async def test_a_text_is_kept_in_one_spelling_without_space_around_it(client: Client, name: str) -> None:
    sent = await sent_to(client, name)
    for given, kept in KEPT.items():
        assert body_in(await act(client, name, "ana", **sent, body=given)) == kept
        rows = await client.resources.database.fetch(
            f"SELECT body FROM {'comments' if name == 'AddComment' else 'posts'} WHERE body = $1", kept
        )
        assert rows == [{"body": kept}]


@pytest.mark.parametrize("name", LONGEST)
async def test_the_longest_text_is_counted_in_code_points_of_what_is_kept(client: Client, name: str) -> None:
    sent = await sent_to(client, name)
    for part, size in FULL.values():
        answer = await act(client, name, "ana", **sent, body=f" {part * (LONGEST[name] // size)} ")
        assert len(body_in(answer)) == LONGEST[name]


@pytest.mark.parametrize("name", LONGEST)
async def test_half_a_character_is_no_json_and_changes_nothing(
    client: Client, statements: list[str], name: str
) -> None:
    sent, before = await sent_to(client, name), await snapshot(client.resources)
    headers = {"Authorization": f"Bearer {await client.token('ana')}", "Content-Type": "application/json"}
    statements.clear()
    for half in ("\ud800", "\udc00", "a\ud83d b"):
        body = json.dumps({"query": document(name), "variables": {"input": {**sent, "body": half}}})
        assert "\\ud" in body
        answer = (await client.http.post("/graphql", content=body.encode(), headers=headers)).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_REQUEST"]
        assert "data" not in answer
    assert statements == []
    assert await snapshot(client.resources) == before


async def test_half_a_character_in_the_document_is_no_document(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    statements.clear()
    query = 'mutation { publishPost(input: {body: "\\ud800"}) { __typename } }'
    answer = (await client.post(query, token=token)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["GRAPHQL_PARSE_FAILED"]
    assert statements == []


async def test_a_text_is_judged_before_the_post_it_is_for(client: Client) -> None:
    post = await publish(client, "ana")
    await act(client, "DeletePost", "ana", postId=post.id)
    for name in ("EditPost", "AddComment"):
        assert await act(client, name, "ana", postId=post.id, body="") == refused(name)


async def test_an_id_that_is_malformed_or_of_another_type_is_refused_by_name_and_costs_no_statement(
    client: Client, statements: list[str]
) -> None:
    post, ana = await post_of(client, "ana"), await person(client, "ana")
    added = await comment(client, "ana", post)
    of = {"postId": post.id, "commentId": added.id, "userId": ana.id}
    before, token = await snapshot(client.resources), await client.token("ana")
    statements.clear()
    for name, place in PLACES.items():
        body = {"body": "A text"} if name in LONGEST else {}
        malformed = ["", "junk", "ÄÖÜ", of[place] + "=", f" {of[place]}", of[place][:-2], "\0", "9" * 10_000]
        for wrong in (*malformed, *(each for other, each in of.items() if other != place)):
            answer = (await client.post(document(name), {"input": {place: wrong, **body}}, token=token)).json()
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
            assert error["extensions"]["argument"] == f"input.{place}"
            assert (answer["data"], error["path"]) == ({field_of(name): None}, [field_of(name)])
    assert statements == []
    assert await snapshot(client.resources) == before


PLACES = {
    "EditPost": "postId",
    "DeletePost": "postId",
    "AddComment": "postId",
    "LikePost": "postId",
    "UnlikePost": "postId",
    "DeleteComment": "commentId",
    "FollowUser": "userId",
    "UnfollowUser": "userId",
    "BlockUser": "userId",
    "UnblockUser": "userId",
}


async def test_the_id_of_another_type_says_which_one_is_wanted(client: Client) -> None:
    ana = await person(client, "ana")
    answer = await client.ask(document("LikePost"), {"input": {"postId": ana.id}}, as_="ana")
    assert [error["message"] for error in answer["errors"]] == [
        "input.postId: this is the id of a User. Send the id of a Post."
    ]


async def test_a_person_has_one_id(client: Client) -> None:
    """Tests that an object has exactly one global id, and that other spellings are invalid."""
    ana, ben = await person(client, "ana"), await person(client, "ben")
    wrong = global_id("User", ana.row_id, ben.row_id)
    before = await snapshot(client.resources)
    found = (await client.ask(document("UnfollowUser"), {"input": {"userId": wrong}}, as_="ana"))["data"]
    assert found["unfollowUser"] is None or found["unfollowUser"]["__typename"] == "NotFoundProblem"
    assert await snapshot(client.resources) == before
