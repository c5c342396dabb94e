from datetime import UTC, datetime

import pytest

from core.global_ids import global_id, read_global_id
from core.viewer import SignedIn
from events import PostPublished
from schema.scalars import write_instant
from services.search import index_of_post
from tests.support.client import Client
from tests.support.feed import act, counts, document, feed_of, person, profile, publish, thread
from tests.support.kept import Changed, changes, events_of, snapshot


async def test_a_published_post_is_answered_kept_and_told_of(client: Client) -> None:
    ana, before, since = await person(client, "ana"), await snapshot(client.resources), datetime.now(UTC)
    answer = await act(client, "PublishPost", "ana", body=" Olá,\r\n\tMundo \n")
    post_id = read_global_id(answer["post"]["id"], "id").id
    (row,) = await client.resources.database.fetch("SELECT * FROM posts WHERE id = $1", post_id)
    assert since <= row["created_at"] <= datetime.now(UTC)
    assert answer == {
        "__typename": "PublishPostSuccess",
        "post": {
            "id": global_id("Post", ana.row_id, post_id),
            "body": "Olá,\n\tMundo",
            "createdAt": write_instant(row["created_at"]),
            "likeCount": 0,
            "commentCount": 0,
            "author": {"id": ana.id, "handle": "ana"},
        },
    }
    post = {"author_id": ana.row_id, "id": post_id, "body": "Olá,\n\tMundo", "created_at": "now", "pulled": False}
    post |= {"words": row["words"], "words_key": index_of_post(row["body"]).key}
    delta = {"owner_id": ana.row_id, "subject_id": ana.row_id, "counter": "posts", "id": "new", "delta": 1}
    assert await changes(client.resources, before) == {
        "posts": Changed([], [{**post, "edited_at": None, "deleted_at": None}]),
        "feed_entries": Changed([], [{"owner_id": ana.row_id, "post_id": post_id, "author_id": ana.row_id}]),
        "count_deltas": Changed([], [delta]),
    }
    assert await events_of(client.resources) == [PostPublished(actor_id=ana.row_id, post_id=post_id)]


async def test_a_published_post_stands_in_its_authors_feed_and_profile_at_once(client: Client) -> None:
    followers, following, posts = await counts(client, "ana")
    post = await publish(client, "ana", "Here")
    assert (await feed_of(client, "ana"))[0] == post.id
    for reader in ("ana", "dia", None):
        found = await profile(client, "ana", reader)
        assert found["posts"]["edges"][0]["node"]["id"] == post.id
        assert (await thread(client, post, reader))["body"] == "Here"
    assert await counts(client, "ana") == (followers, following, posts + 1)


async def test_posts_stand_in_the_order_in_which_they_were_published(client: Client) -> None:
    published = [(await publish(client, "ana", f"Number {number}")).id for number in range(5)]
    assert (await feed_of(client, "ana"))[:5] == published[::-1]


async def test_publishing_the_same_text_twice_without_a_key_makes_two_posts(client: Client) -> None:
    first, second = await publish(client, "ana", "Again"), await publish(client, "ana", "Again")
    assert first != second
    assert await events_of(client.resources) == [
        PostPublished(actor_id=first.owner_id, post_id=post.row_id) for post in (first, second)
    ]


@pytest.mark.parametrize("key", [{}, {"idempotencyKey": "of-no-user"}])
async def test_somebody_whose_account_is_gone_publishes_nothing(client: Client, key: dict[str, str]) -> None:
    before = await snapshot(client.resources)
    token, _ = client.resources.access_tokens.issue(SignedIn(5, 1))
    answer = (await client.post(document("PublishPost"), {"input": {"body": "Boo", **key}}, token=token)).json()
    assert answer["data"] == {"publishPost": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await snapshot(client.resources) == before
