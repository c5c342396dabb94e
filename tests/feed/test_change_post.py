from typing import Any

import pytest

from events import PostDeleted, PostEdited
from schema.scalars import write_instant
from services.search import index_of_post
from tests.support.client import Client
from tests.support.feed import (
    Thing,
    act,
    comment,
    counts,
    document,
    feed_of,
    post_of,
    problem,
    profile,
    publish,
    thread,
)
from tests.support.kept import Changed, changes, events_of, snapshot

NO_POST = problem("NotFoundProblem", "NOT_FOUND", "The post does not exist.", "postId")
NO_COMMENT = problem("NotFoundProblem", "NOT_FOUND", "The comment does not exist.", "commentId")


async def row_of(client: Client, post: Thing) -> dict[str, Any]:
    (row,) = await client.resources.database.fetch("SELECT * FROM posts WHERE id = $1", post.row_id)
    return row


async def test_an_edited_post_is_answered_kept_and_told_of(client: Client) -> None:
    post = await post_of(client, "ana")
    await client.resources.database.fetch("UPDATE posts SET edited_at = NULL")
    row, before = await row_of(client, post), await snapshot(client.resources)
    answer = await act(client, "EditPost", "ana", postId=post.id, body="  Another text ")
    edited = await row_of(client, post)
    edited_at = edited["edited_at"]
    assert answer == {
        "__typename": "EditPostSuccess",
        "post": {"id": post.id, "body": "Another text", "editedAt": write_instant(edited_at)},
    }
    assert await changes(client.resources, before) == {
        "posts": Changed(
            [row],
            [
                {
                    **row,
                    "body": "Another text",
                    "edited_at": "now",
                    "words": edited["words"],
                    "words_key": index_of_post("Another text").key,
                }
            ],
        )
    }
    assert await events_of(client.resources) == [PostEdited(actor_id=post.owner_id, post_id=post.row_id)]


async def test_an_edit_is_read_by_everybody_at_once(client: Client) -> None:
    post = await post_of(client, "ana")
    answer = await act(client, "EditPost", "ana", postId=post.id, body="Another text")
    for reader in ("ana", "dia", None):
        found = await thread(client, post, reader)
        assert (found["body"], found["editedAt"]) == ("Another text", answer["post"]["editedAt"])
    found = (await client.data(document("Search"), {"query": "another text", "types": ["POST"]}))["search"]
    assert [edge["node"]["id"] for edge in found["edges"]] == [post.id]


@pytest.mark.parametrize("body", ["Cléo", "  Cle\u0301o\r\n"])
async def test_the_text_that_a_post_has_already_changes_nothing(client: Client, body: str) -> None:
    post = await publish(client, "ana", "Cléo")
    before = await snapshot(client.resources)
    assert await act(client, "EditPost", "ana", postId=post.id, body=body) == {
        "__typename": "EditPostSuccess",
        "post": {"id": post.id, "body": "Cléo", "editedAt": None},
    }
    assert await snapshot(client.resources) == before


async def test_a_deleted_post_is_answered_kept_as_deleted_and_told_of(client: Client) -> None:
    post = await post_of(client, "ana")
    row, before = await row_of(client, post), await snapshot(client.resources)
    answer = await act(client, "DeletePost", "ana", postId=post.id)
    assert answer == {"__typename": "DeletePostSuccess", "postId": post.id}
    author = post.owner_id
    delta = {"owner_id": author, "subject_id": author, "counter": "posts", "id": "new", "delta": -1}
    assert await changes(client.resources, before) == {
        "posts": Changed([row], [{**row, "deleted_at": "now"}]),
        "count_deltas": Changed([], [delta]),
    }
    assert await events_of(client.resources) == [PostDeleted(actor_id=author, post_id=post.row_id)]


async def test_a_post_that_is_deleted_again_is_answered_the_same_and_nothing_changes(client: Client) -> None:
    post = await post_of(client, "ana")
    first = await act(client, "DeletePost", "ana", postId=post.id)
    before = await snapshot(client.resources)
    assert await act(client, "DeletePost", "ana", postId=post.id) == first
    assert await snapshot(client.resources) == before


async def test_a_deleted_post_is_out_of_everybodys_feed_at_once(client: Client) -> None:
    post = await post_of(client, "ana")
    readers = ("ana", "ben", "chi", "dia")
    followers, following, posts = await counts(client, "ana")
    assert [post.id in await feed_of(client, reader) for reader in readers] == [True] * 4
    await act(client, "DeletePost", "ana", postId=post.id)
    assert [post.id in await feed_of(client, reader) for reader in readers] == [False] * 4
    for reader in (*readers, None):
        edges = (await profile(client, "ana", reader))["posts"]["edges"]
        assert post.id not in [edge["node"]["id"] for edge in edges]
        assert await thread(client, post, reader) is None
    assert await counts(client, "ana") == (followers, following, posts - 1)


async def test_what_stands_under_a_deleted_post_is_out_of_reach(client: Client) -> None:
    post = await post_of(client, "ana", unliked_by="ben")
    bens, anas = await comment(client, "ben", post), await comment(client, "ana", post)
    await act(client, "DeletePost", "ana", postId=post.id)
    before = await snapshot(client.resources)
    for handle in ("ana", "ben"):
        for each in (bens, anas):
            node = await client.data("query ($id: ID!) { node(id: $id) { id } }", {"id": each.id}, as_=handle)
            assert node == {"node": None}
            assert await act(client, "DeleteComment", handle, commentId=each.id) == NO_COMMENT
        assert await act(client, "AddComment", handle, postId=post.id, body="Late") == NO_POST
        assert await act(client, "LikePost", handle, postId=post.id) == NO_POST
        assert await act(client, "UnlikePost", handle, postId=post.id) == NO_POST
        assert await act(client, "EditPost", handle, postId=post.id, body="Late") == NO_POST
    assert await snapshot(client.resources) == before


async def test_a_like_stays_when_it_is_taken_back_after_the_post_is_gone(client: Client) -> None:
    post = await post_of(client, "ana", unliked_by="ben")
    await act(client, "LikePost", "ben", postId=post.id)
    await act(client, "DeletePost", "ana", postId=post.id)
    before = await snapshot(client.resources)
    assert await act(client, "UnlikePost", "ben", postId=post.id) == NO_POST
    assert await snapshot(client.resources) == before
