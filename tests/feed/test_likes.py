import asyncio
from typing import Any

import pytest

from core.global_ids import global_id
from events import Event, PostLiked, PostUnliked
from tests.support.client import Client
from tests.support.feed import Thing, act, person, post_of, thing, thread
from tests.support.kept import Changed, changes, events_of, snapshot


async def count_of(client: Client, post: Thing) -> int:
    return (await thread(client, post, None))["likeCount"]


def answer_of(name: str, post: Thing, count: int, *, liked: bool) -> dict[str, Any]:
    return {"__typename": f"{name}Success", "post": {"id": post.id, "likeCount": count, "likedByViewer": liked}}


def delta(post: Thing, by: int) -> dict[str, Any]:
    return {"owner_id": post.owner_id, "subject_id": post.row_id, "counter": "likes", "id": "new", "delta": by}


def told(made: type[PostLiked | PostUnliked], actor: Thing, post: Thing) -> Event:
    return made(actor_id=actor.row_id, author_id=post.owner_id, post_id=post.row_id)


@pytest.mark.parametrize("author", ["ana", "ben"])
async def test_a_like_is_answered_kept_and_told_of(client: Client, author: str) -> None:
    post, ben = await post_of(client, author, unliked_by="ben"), await person(client, "ben")
    count, before = await count_of(client, post), await snapshot(client.resources)
    liked = await act(client, "LikePost", "ben", postId=post.id)
    assert liked == answer_of("LikePost", post, count + 1, liked=True)
    like = {"owner_id": post.owner_id, "post_id": post.row_id, "user_id": ben.row_id, "created_at": "now"}
    assert await changes(client.resources, before) == {
        "likes": Changed([], [like]),
        "count_deltas": Changed([], [delta(post, 1)]),
    }
    assert await events_of(client.resources) == [told(PostLiked, ben, post)]


async def test_a_like_that_is_taken_back_is_answered_gone_and_told_of(client: Client) -> None:
    post, ben = await post_of(client, "ana", unliked_by="ben"), await person(client, "ben")
    count = await count_of(client, post)
    await act(client, "LikePost", "ben", postId=post.id)
    before = await snapshot(client.resources)
    unliked = await act(client, "UnlikePost", "ben", postId=post.id)
    assert unliked == answer_of("UnlikePost", post, count, liked=False)
    like = {"owner_id": post.owner_id, "post_id": post.row_id, "user_id": ben.row_id, "created_at": "now"}
    assert await changes(client.resources, before) == {
        "likes": Changed([like], []),
        "count_deltas": Changed([], [delta(post, -1)]),
    }
    assert await events_of(client.resources) == [told(PostLiked, ben, post), told(PostUnliked, ben, post)]


async def test_a_like_of_the_seeded_world_can_be_taken_back(client: Client) -> None:
    (like,) = await client.resources.database.fetch(
        "SELECT l.owner_id, l.post_id, u.handle FROM likes l JOIN users u ON u.id = l.user_id "
        "WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = l.user_id) ORDER BY l.post_id LIMIT 1"
    )
    query = "SELECT likes FROM post_counts WHERE author_id = $1 AND post_id = $2"
    (folded,) = await client.resources.database.fetch(query, like["owner_id"], like["post_id"])
    post = thing(global_id("Post", like["owner_id"], like["post_id"]))
    unliked = await act(client, "UnlikePost", like["handle"], postId=post.id)
    assert unliked == answer_of("UnlikePost", post, folded["likes"] - 1, liked=False)


async def test_liking_again_and_taking_back_what_is_not_there_change_nothing(client: Client) -> None:
    post = await post_of(client, "ana", unliked_by="ben")
    count = await count_of(client, post)
    before = await snapshot(client.resources)
    for _ in range(2):
        unliked = await act(client, "UnlikePost", "ben", postId=post.id)
        assert unliked == answer_of("UnlikePost", post, count, liked=False)
    assert await snapshot(client.resources) == before
    first = await act(client, "LikePost", "ben", postId=post.id)
    before = await snapshot(client.resources)
    for _ in range(2):
        assert await act(client, "LikePost", "ben", postId=post.id) == first
    assert await snapshot(client.resources) == before


async def test_a_like_is_the_likers_own_and_counts_for_everybody_at_once(client: Client) -> None:
    post = await post_of(client, "ana", unliked_by="ben")
    readers = ("ana", "ben", "dia", None)
    before = [await thread(client, post, reader) for reader in readers]
    await act(client, "LikePost", "ben", postId=post.id)
    after = [await thread(client, post, reader) for reader in readers]
    assert [found["likeCount"] for found in after] == [before[0]["likeCount"] + 1] * 4
    anas, _, dias, _ = [found["likedByViewer"] for found in before]
    assert [found["likedByViewer"] for found in after] == [anas, True, dias, False]


async def test_ten_likes_at_once_by_the_same_person_are_one(client: Client) -> None:
    post, ben = await post_of(client, "ana", unliked_by="ben"), await person(client, "ben")
    count = await count_of(client, post)
    for name, made, after in (("LikePost", PostLiked, count + 1), ("UnlikePost", PostUnliked, count)):
        answers = await asyncio.gather(*[act(client, name, "ben", postId=post.id) for _ in range(10)])
        assert answers == [answer_of(name, post, after, liked=name == "LikePost")] * 10
        assert (await events_of(client.resources))[-1] == told(made, ben, post)
    assert len(await events_of(client.resources)) == 2
    assert await count_of(client, post) == count
