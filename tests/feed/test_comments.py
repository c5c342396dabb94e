from typing import Any

from core.global_ids import global_id, read_global_id
from events import CommentAdded, CommentDeleted
from schema.scalars import write_instant
from tests.support.client import Client
from tests.support.feed import Thing, act, comment, person, post_of, problem, thread
from tests.support.kept import Changed, changes, events_of, snapshot

NO_COMMENT = problem("NotFoundProblem", "NOT_FOUND", "The comment does not exist.", "commentId")
NO_POST = problem("NotFoundProblem", "NOT_FOUND", "The post does not exist.", "postId")
NOT_YOURS = problem(
    "ForbiddenProblem", "FORBIDDEN", "Only the author of the comment or of its post can delete it.", "commentId"
)


async def count_of(client: Client, post: Thing) -> int:
    return (await thread(client, post, None))["commentCount"]


async def row_of(client: Client, added: Thing) -> dict[str, Any]:
    (row,) = await client.resources.database.fetch("SELECT * FROM comments WHERE id = $1", added.row_id)
    return row


def delta(post: Thing, by: int) -> dict[str, Any]:
    return {"owner_id": post.owner_id, "subject_id": post.row_id, "counter": "comments", "id": "new", "delta": by}


async def test_an_added_comment_is_answered_kept_and_told_of(client: Client) -> None:
    post, ben = await post_of(client, "ana"), await person(client, "ben")
    count, before = await count_of(client, post), await snapshot(client.resources)
    answer = await act(client, "AddComment", "ben", postId=post.id, body=" Ça va?\r\n")
    comment_id = read_global_id(answer["comment"]["id"], "id").id
    row = await row_of(client, Thing(answer["comment"]["id"], post.owner_id, comment_id))
    assert answer == {
        "__typename": "AddCommentSuccess",
        "comment": {
            "id": global_id("Comment", post.owner_id, comment_id),
            "body": "Ça va?",
            "createdAt": write_instant(row["created_at"]),
            "author": {"id": ben.id, "handle": "ben"},
            "post": {"id": post.id, "commentCount": count + 1},
        },
    }
    place = {"owner_id": post.owner_id, "post_id": post.row_id, "id": comment_id, "author_id": ben.row_id}
    assert await changes(client.resources, before) == {
        "comments": Changed([], [{**place, "body": "Ça va?", "created_at": "now", "deleted_at": None}]),
        "count_deltas": Changed([], [delta(post, 1)]),
    }
    assert await events_of(client.resources) == [
        CommentAdded(actor_id=ben.row_id, author_id=post.owner_id, post_id=post.row_id, comment_id=comment_id)
    ]


async def test_an_added_comment_is_read_by_everybody_at_once_and_stands_last(client: Client) -> None:
    post = await post_of(client, "ana")
    count = await count_of(client, post)
    added = [(await comment(client, "ben", post, f"Number {number}")).id for number in range(3)]
    for reader in ("ana", "ben", "dia", None):
        found = await thread(client, post, reader)
        assert [edge["node"]["id"] for edge in found["comments"]["edges"]][-3:] == added
        assert found["commentCount"] == count + 3


async def test_somebody_can_comment_on_their_own_post(client: Client) -> None:
    post = await post_of(client, "ana")
    added = await comment(client, "ana", post)
    assert await events_of(client.resources) == [
        CommentAdded(actor_id=post.owner_id, author_id=post.owner_id, post_id=post.row_id, comment_id=added.row_id)
    ]


async def test_a_comment_deleted_by_who_wrote_it_is_answered_kept_as_deleted_and_told_of(client: Client) -> None:
    post, ben = await post_of(client, "ana"), await person(client, "ben")
    count, added = await count_of(client, post), await comment(client, "ben", post)
    row, before = await row_of(client, added), await snapshot(client.resources)
    assert await act(client, "DeleteComment", "ben", commentId=added.id) == {
        "__typename": "DeleteCommentSuccess",
        "commentId": added.id,
        "post": {"id": post.id, "commentCount": count},
    }
    row["created_at"] = "now"
    assert await changes(client.resources, before) == {
        "comments": Changed([row], [{**row, "deleted_at": "now"}]),
        "count_deltas": Changed([], [delta(post, -1)]),
    }
    assert (await events_of(client.resources))[1:] == [
        CommentDeleted(actor_id=ben.row_id, author_id=post.owner_id, post_id=post.row_id, comment_id=added.row_id)
    ]


async def test_the_author_of_a_post_can_delete_what_others_wrote_under_it(client: Client) -> None:
    post, ana = await post_of(client, "ana"), await person(client, "ana")
    count, added = await count_of(client, post), await comment(client, "ben", post)
    answer = await act(client, "DeleteComment", "ana", commentId=added.id)
    assert (answer["commentId"], answer["post"]["commentCount"]) == (added.id, count)
    assert (await events_of(client.resources))[1:] == [
        CommentDeleted(actor_id=ana.row_id, author_id=ana.row_id, post_id=post.row_id, comment_id=added.row_id)
    ]
    for reader in ("ana", "ben", "dia", None):
        found = await thread(client, post, reader)
        assert added.id not in [edge["node"]["id"] for edge in found["comments"]["edges"]]
        assert found["commentCount"] == count


async def test_a_comment_that_is_deleted_again_is_answered_the_same_and_nothing_changes(client: Client) -> None:
    post = await post_of(client, "ana")
    added = await comment(client, "ben", post)
    first = await act(client, "DeleteComment", "ben", commentId=added.id)
    before = await snapshot(client.resources)
    for handle in ("ben", "ana"):
        assert await act(client, "DeleteComment", handle, commentId=added.id) == first
    assert await snapshot(client.resources) == before


async def test_nobody_else_can_delete_a_comment_and_once_it_is_gone_they_are_not_told_of_it(client: Client) -> None:
    post = await post_of(client, "ana")
    added = await comment(client, "ben", post)
    before = await snapshot(client.resources)
    assert await act(client, "DeleteComment", "dia", commentId=added.id) == NOT_YOURS
    assert await snapshot(client.resources) == before
    await act(client, "DeleteComment", "ben", commentId=added.id)
    before = await snapshot(client.resources)
    assert await act(client, "DeleteComment", "dia", commentId=added.id) == NO_COMMENT
    assert await snapshot(client.resources) == before


async def test_the_author_of_a_post_can_delete_under_it_what_somebody_wrote_whom_they_blocked(client: Client) -> None:
    post = await post_of(client, "ana")
    count, added = await count_of(client, post), await comment(client, "ben", post)
    await act(client, "BlockUser", "ana", userId=(await person(client, "ben")).id)
    answer = await act(client, "DeleteComment", "ana", commentId=added.id)
    assert (answer["commentId"], answer["post"]["commentCount"]) == (added.id, count)


async def test_a_block_puts_ones_own_comment_under_the_others_post_out_of_reach(client: Client) -> None:
    post = await post_of(client, "ana")
    added = await comment(client, "ben", post)
    await act(client, "BlockUser", "ana", userId=(await person(client, "ben")).id)
    before = await snapshot(client.resources)
    assert await act(client, "DeleteComment", "ben", commentId=added.id) == NO_COMMENT
    assert await act(client, "AddComment", "ben", postId=post.id, body="More") == NO_POST
    assert await snapshot(client.resources) == before


async def test_a_comment_is_found_with_its_owner_alone(client: Client) -> None:
    post, ben = await post_of(client, "ana"), await person(client, "ben")
    added = await comment(client, "ben", post)
    before = await snapshot(client.resources)
    elsewhere = global_id("Comment", ben.row_id, added.row_id)
    assert await act(client, "DeleteComment", "ben", commentId=elsewhere) == NO_COMMENT
    elsewhere = global_id("Post", ben.row_id, post.row_id)
    assert await act(client, "AddComment", "ben", postId=elsewhere, body="Where?") == NO_POST
    assert await snapshot(client.resources) == before
