"""Tests the mutations of the feed on ana's content, with every kind of caller."""

from typing import Any, NamedTuple

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from core.global_ids import global_id
from tests.support.client import OPERATIONS, Client
from tests.support.feed import MUTATIONS, act, comment, document, field_of, person, post_of
from tests.support.kept import Snapshot, events_of, snapshot

HANDLES = {"stranger": "dia", "blocked": "ben", "blocker": "chi", "owner": "ana"}
"""The callers: a stranger, a user blocked by ana, a user who has blocked ana, and ana herself, who comes last."""

OK, UNSEEN, NOT_THEIRS, WRONG = "Success", "NotFoundProblem", "ForbiddenProblem", "InvalidInputProblem"
CODES = {UNSEEN: "NOT_FOUND", NOT_THEIRS: "FORBIDDEN", WRONG: "INVALID_INPUT"}


class Cells(NamedTuple):
    """Holds the result for each kind of caller."""

    stranger: str
    blocked: str
    blocker: str
    owner: str


MATRIX = {
    "PublishPost": Cells(OK, OK, OK, OK),
    "EditPost": Cells(NOT_THEIRS, UNSEEN, UNSEEN, OK),
    "DeletePost": Cells(NOT_THEIRS, UNSEEN, UNSEEN, OK),
    "AddComment": Cells(OK, UNSEEN, UNSEEN, OK),
    "DeleteComment": Cells(NOT_THEIRS, UNSEEN, UNSEEN, OK),
    "LikePost": Cells(OK, UNSEEN, UNSEEN, OK),
    "UnlikePost": Cells(OK, UNSEEN, UNSEEN, OK),
    "FollowUser": Cells(OK, UNSEEN, NOT_THEIRS, WRONG),
    "UnfollowUser": Cells(OK, UNSEEN, OK, OK),
    "BlockUser": Cells(OK, UNSEEN, OK, WRONG),
    "UnblockUser": Cells(OK, UNSEEN, OK, OK),
}


class Asked(NamedTuple):
    """Holds the inputs of a mutation: for content of ana's, and for content that never existed."""

    real: dict[str, Any]
    never: dict[str, Any]
    field: str


async def world(client: Client) -> dict[str, Asked]:
    """Ana blocks ben, chi blocks ana, and there is something of ana's for each mutation."""
    ana, post = await person(client, "ana"), await post_of(client, "ana")
    added = await comment(client, "ana", post)
    await act(client, "BlockUser", "ana", userId=(await person(client, "ben")).id)
    await act(client, "BlockUser", "chi", userId=ana.id)
    text, owner = {"body": "A text"}, ana.row_id
    posts = Asked({"postId": post.id}, {"postId": global_id("Post", owner, 1)}, "input.postId")
    texts = Asked({**posts.real, **text}, {**posts.never, **text}, "input.postId")
    comments = Asked({"commentId": added.id}, {"commentId": global_id("Comment", owner, 1)}, "input.commentId")
    people = Asked({"userId": ana.id}, {"userId": global_id("User", 1, 1)}, "input.userId")
    return {
        "PublishPost": Asked(text, {}, ""),
        "EditPost": texts,
        "DeletePost": posts,
        "AddComment": texts,
        "DeleteComment": comments,
        "LikePost": posts,
        "UnlikePost": posts,
        **dict.fromkeys(("FollowUser", "UnfollowUser", "BlockUser", "UnblockUser"), people),
    }


async def state(client: Client) -> tuple[Snapshot, int]:
    return await snapshot(client.resources), len(await events_of(client.resources))


@pytest.mark.parametrize("name", MUTATIONS)
async def test_everybody_gets_what_the_matrix_says_and_a_refusal_changes_nothing(client: Client, name: str) -> None:
    asked = (await world(client))[name]
    wrong: list[str] = []
    for caller, expected in MATRIX[name]._asdict().items():
        before = await state(client)
        answer = await act(client, name, HANDLES[caller], **asked.real)
        if expected == OK:
            as_it_should = answer["__typename"] == f"{name}Success"
        else:
            found = (answer["__typename"], answer.get("code"), answer.get("field"))
            as_it_should = found == (expected, CODES[expected], asked.field) and await state(client) == before
        wrong += [] if as_it_should else [f"{caller}: {answer}"]
    assert wrong == []


@pytest.mark.parametrize("name", MUTATIONS[1:])
async def test_what_is_hidden_and_what_never_was_look_the_same(client: Client, name: str) -> None:
    asked = (await world(client))[name]
    before = await state(client)
    hidden_from = [HANDLES[caller] for caller, expected in MATRIX[name]._asdict().items() if expected == UNSEEN]
    assert "ben" in hidden_from
    for handle in hidden_from:
        hidden = await act(client, name, handle, **asked.real)
        assert hidden == await act(client, name, handle, **asked.never)
        assert hidden["__typename"] == UNSEEN
    for handle in HANDLES.values():
        assert (await act(client, name, handle, **asked.never))["__typename"] == UNSEEN
    assert await state(client) == before


@pytest.mark.parametrize("token", [None, "not.a.token"])
async def test_without_a_good_token_nothing_is_done_or_read(
    client: Client, statements: list[str], token: str | None
) -> None:
    sent = await world(client)
    before = await state(client)
    statements.clear()
    for name in MUTATIONS:
        answer = (await client.post(document(name), {"input": sent[name].real}, token=token)).json()
        assert answer["data"] == {field_of(name): None}
        (error,) = answer["errors"]
        assert (error["path"], error["extensions"]["code"]) == ([field_of(name)], "UNAUTHENTICATED")
    assert statements == []
    assert await state(client) == before


def test_the_matrix_has_a_row_for_every_mutation_of_the_feed() -> None:
    mutations = [
        each.name.value
        for each in parse((OPERATIONS / "feed.graphql").read_text()).definitions
        if isinstance(each, OperationDefinitionNode) and each.operation is OperationType.MUTATION and each.name
    ]
    assert list(MATRIX) == list(MUTATIONS) == mutations
