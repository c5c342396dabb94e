import asyncio
from typing import Any

import pytest

from core.global_ids import global_id
from events import CommentAdded, CommentDeleted, Event, PostDeleted, PostPublished
from tests.support.client import Client
from tests.support.feed import Thing, act, comment, document, field_of, person, post_of, problem, publish, thing, thread
from tests.support.kept import changes, events_of, snapshot

NAMES = ("PublishPost", "AddComment")
TABLES = {"PublishPost": "posts", "AddComment": "comments"}
REUSED = problem(
    "IdempotencyProblem",
    "IDEMPOTENCY_KEY_REUSED",
    "This key was sent before with something else. Make a new one for each new request.",
    "idempotencyKey",
)
MALFORMED = problem(
    "InvalidInputProblem", "INVALID_INPUT", "Send a key of 1 to 100 characters, like a UUID.", "idempotencyKey"
)
POST_GONE = problem(
    "NotFoundProblem", "NOT_FOUND", "The post that this key published has been deleted.", "idempotencyKey"
)
COMMENT_GONE = problem("NotFoundProblem", "NOT_FOUND", "The comment or its post has been deleted.", "postId")


async def request(client: Client, name: str, key: str | None, body: str = "A text") -> dict[str, Any]:
    """Returns the input of a mutation, for a post of ana's."""
    post = {} if name == "PublishPost" else {"postId": (await post_of(client, "ana")).id}
    return {**post, "body": body, **({} if key is None else {"idempotencyKey": key})}


def made_by(answer: dict[str, Any]) -> Thing:
    return thing((answer.get("post") or answer["comment"])["id"])


def told(name: str, actor: Thing, made: Thing, sent: dict[str, Any]) -> Event:
    if name == "PublishPost":
        return PostPublished(actor_id=actor.row_id, post_id=made.row_id)
    post = thing(sent["postId"])
    return CommentAdded(actor_id=actor.row_id, author_id=post.owner_id, post_id=post.row_id, comment_id=made.row_id)


@pytest.mark.parametrize("key", ["k", "k" * 100, "5f1f9f6e-9f43-4d3c-8a53-0f6f5e0b7f10", "ключ 🔑", "a b'\"\\%_"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_request_that_is_sent_again_is_answered_the_same_and_done_once(
    client: Client, name: str, key: str
) -> None:
    sent, ana = await request(client, name, key), await person(client, "ana")
    before = await snapshot(client.resources)
    first = await act(client, name, "ana", **sent)
    done = await snapshot(client.resources)
    for _ in range(2):
        assert await act(client, name, "ana", **sent) == first
    assert await snapshot(client.resources) == done
    changed = await changes(client.resources, before)
    assert [row["id"] for row in changed[TABLES[name]].new] == [made_by(first).row_id]
    (kept,) = changed["idempotency_keys"].new
    made = made_by(first)
    assert (kept["owner_id"], kept["key"], kept["operation"]) == (ana.row_id, key, field_of(name))
    assert (kept["subject_owner_id"], kept["subject_id"], kept["created_at"]) == (made.owner_id, made.row_id, "now")
    assert await events_of(client.resources) == [told(name, ana, made, sent)]


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_text_in_another_spelling_is_the_same_request(client: Client, name: str) -> None:
    sent = await request(client, name, "a-key", "Cl\u00e9o\nLima")
    first = await act(client, name, "ana", **sent)
    assert await act(client, name, "ana", **{**sent, "body": "  Cle\u0301o\r\nLima "}) == first


@pytest.mark.parametrize("name", NAMES)
async def test_a_request_that_is_sent_again_is_answered_as_things_are_now(client: Client, name: str) -> None:
    sent = await request(client, name, "a-key")
    made = made_by(await act(client, name, "ana", **sent))
    if name == "PublishPost":
        await act(client, "EditPost", "ana", postId=made.id, body="Edited")
        await comment(client, "ben", made)
        answer = (await act(client, name, "ana", **sent))["post"]
        assert (answer["id"], answer["body"], answer["commentCount"]) == (made.id, "Edited", 1)
    else:
        post = thing(sent["postId"])
        await comment(client, "ben", post)
        count = (await thread(client, post, None))["commentCount"]
        answer = (await act(client, name, "ana", **sent))["comment"]
        assert (answer["id"], answer["post"]) == (made.id, {"id": post.id, "commentCount": count})


async def others(client: Client, name: str, sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Other inputs of the mutation, with the key of a request."""
    if name == "PublishPost":
        return [{**sent, "body": "Another text"}]
    elsewhere = await publish(client, "ben", "Another post")
    return [
        {**sent, "body": "Another text"},
        {**sent, "postId": elsewhere.id},
        {**sent, "postId": global_id("Post", 1, 1)},
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_a_key_that_was_sent_with_something_else_is_refused_and_nothing_changes(
    client: Client, name: str
) -> None:
    sent = await request(client, name, "a-key")
    other_inputs = await others(client, name, sent)
    answer = await act(client, name, "ana", **sent)
    before = await snapshot(client.resources)
    for wrong in other_inputs:
        assert await act(client, name, "ana", **wrong) == REUSED
    assert await snapshot(client.resources) == before
    assert await act(client, name, "ana", **sent) == answer


async def test_each_mutation_has_keys_of_its_own(client: Client) -> None:
    for name in NAMES:
        answer = await act(client, name, "ana", **await request(client, name, "a-key"))
        assert answer["__typename"] == f"{name}Success"


@pytest.mark.parametrize("name", NAMES)
async def test_a_key_is_ones_own(client: Client, name: str) -> None:
    sent = await request(client, name, "a-key")
    anas = made_by(await act(client, name, "ana", **sent))
    bens = made_by(await act(client, name, "ben", **sent))
    assert anas.row_id != bens.row_id
    other = await act(client, name, "dia", **{**sent, "body": "Another text"})
    assert other["__typename"] == f"{name}Success"
    assert made_by(await act(client, name, "ana", **sent)) == anas


@pytest.mark.parametrize("name", NAMES)
async def test_a_malformed_key_is_refused_costs_no_statement_and_changes_nothing(
    client: Client, statements: list[str], name: str
) -> None:
    sent, before, token = await request(client, name, ""), await snapshot(client.resources), await client.token("ana")
    statements.clear()
    wrong: list[str] = []
    for key in ("", " ", "k" * 101, "a\0b", "a\nb", "a\tb", " a", "a ", "e\u0301", "a\u202eb", "a\x7f"):
        tried = {"input": {**sent, "idempotencyKey": key}}
        answer = (await client.post(document(name), tried, token=token)).json()
        wrong += [] if answer == {"data": {field_of(name): MALFORMED}} else [f"{key!r}: {answer}"]
    assert wrong == []
    assert statements == []
    assert await snapshot(client.resources) == before


async def test_a_key_that_is_null_is_none(client: Client) -> None:
    made = [made_by(await act(client, "PublishPost", "ana", body="A text", idempotencyKey=None)) for _ in range(2)]
    assert made[0] != made[1]
    assert await client.resources.database.fetch("SELECT key FROM idempotency_keys") == []


@pytest.mark.parametrize("name", NAMES)
async def test_a_request_that_was_refused_leaves_its_key_unused(client: Client, name: str) -> None:
    sent = await request(client, name, "a-key")
    before = await snapshot(client.resources)
    assert (await act(client, name, "ana", **{**sent, "body": ""}))["__typename"] == "InvalidInputProblem"
    if name == "AddComment":
        never = {**sent, "postId": global_id("Post", 1, 1)}
        assert (await act(client, name, "ana", **never))["__typename"] == "NotFoundProblem"
    assert await snapshot(client.resources) == before
    assert (await act(client, name, "ana", **sent))["__typename"] == f"{name}Success"


async def test_what_was_made_and_deleted_is_not_made_anew_when_the_request_is_sent_again(client: Client) -> None:
    post, added = await request(client, "PublishPost", "one"), await request(client, "AddComment", "two")
    ana = await person(client, "ana")
    published, commented = [
        made_by(await act(client, name, "ana", **sent)) for name, sent in zip(NAMES, (post, added), strict=True)
    ]
    await act(client, "DeletePost", "ana", postId=published.id)
    await act(client, "DeleteComment", "ana", commentId=commented.id)
    before = await snapshot(client.resources)
    for _ in range(2):
        assert await act(client, "PublishPost", "ana", **post) == POST_GONE
        assert await act(client, "AddComment", "ana", **added) == COMMENT_GONE
    assert await snapshot(client.resources) == before
    under = thing(added["postId"])
    assert (await events_of(client.resources))[2:] == [
        PostDeleted(actor_id=ana.row_id, post_id=published.row_id),
        CommentDeleted(
            actor_id=ana.row_id, author_id=under.owner_id, post_id=under.row_id, comment_id=commented.row_id
        ),
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_ten_requests_with_one_key_at_once_are_done_once(client: Client, name: str) -> None:
    sent, ana = await request(client, name, "a-key"), await person(client, "ana")
    before = await snapshot(client.resources)
    answers = await asyncio.gather(*[act(client, name, "ana", **sent) for _ in range(10)])
    assert answers == [answers[0]] * 10
    changed = await changes(client.resources, before)
    assert [len(changed[table].new) for table in (TABLES[name], "idempotency_keys", "count_deltas")] == [1, 1, 1]
    assert await events_of(client.resources) == [told(name, ana, made_by(answers[0]), sent)]


async def test_of_ten_different_requests_with_one_key_at_once_one_is_done(client: Client) -> None:
    answers = await asyncio.gather(
        *[act(client, "PublishPost", "ana", body=f"Text {each}", idempotencyKey="a-key") for each in range(10)]
    )
    (made,) = [made_by(answer) for answer in answers if answer["__typename"] == "PublishPostSuccess"]
    assert [answer for answer in answers if answer["__typename"] != "PublishPostSuccess"] == [REUSED] * 9
    assert await events_of(client.resources) == [PostPublished(actor_id=made.owner_id, post_id=made.row_id)]
