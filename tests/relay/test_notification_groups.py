"""Follows, likes of a post and comments on a post share a notification while it is unseen."""

import pytest

from core.global_ids import read_global_id
from events import EVENTS, CommentAdded, PostLiked, UserFollowed
from services.relay import Relay
from services.unit_of_work import unit_of_work
from tests.notifications.support.inbox import Inbox, wrong_counts
from tests.support.app import App
from tests.support.client import Client
from tests.support.notifications import Shown, empty_inboxes, nodes, received, set_seen, shown
from tests.support.relay import drained, step_of
from tests.support.world import change

LIKERS = 1000


@pytest.fixture(autouse=True)
async def empty(client: Client) -> None:
    await drained(client.resources)
    await empty_inboxes(client)


async def test_likes_of_a_post_are_one_notification_with_the_latest_actor(client: Client) -> None:
    ana, post = App(client, "ana"), await App(client, "ana").publishes()
    for handle in ("ben", "chi"):
        await App(client, handle).does("LikePost", postId=post)
    await drained(client.resources)
    (first,) = await nodes(client, "ana")
    assert (first["text"], first["actorCount"]) == ("Chi Nguyen and 1 other liked your post.", 2)
    assert await ana.badge() == (1, 1)
    await App(client, "lina").does("LikePost", postId=post)
    await drained(client.resources)
    (grown,) = await nodes(client, "ana")
    assert (grown["text"], grown["actorCount"]) == ("Lina Castro and 2 others liked your post.", 3)
    assert grown["id"] == first["id"]
    assert grown["createdAt"] > first["createdAt"]
    assert await ana.badge() == (1, 1)
    assert await received(client, "ana") == [read_global_id(first["id"], "id").id]


async def test_each_post_and_each_kind_has_a_group_of_its_own(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    one, other = await ana.publishes(), await ana.publishes()
    await ben.does("LikePost", postId=one)
    await ben.does("LikePost", postId=other)
    await ben.comments(one)
    await drained(client.resources)
    assert [(each.kind, each.actors) for each in await shown(client, "ana")] == [
        ("COMMENT", 1),
        ("LIKE", 1),
        ("LIKE", 1),
    ]
    assert await ana.badge() == (3, 3)


async def test_comments_are_grouped_by_post_with_the_latest_comment_as_subject(client: Client) -> None:
    post = await App(client, "ana").publishes()
    comments = [await App(client, handle).comments(post) for handle in ("ben", "chi", "ben")]
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("COMMENT", "ben", 2, comments[-1])]
    comments.append(await App(client, "chi").comments(post))
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("COMMENT", "chi", 2, comments[-1])]


async def test_follows_are_grouped_by_inbox_with_the_latest_follower_as_subject(client: Client) -> None:
    ana = await App(client, "ana").global_id()
    for handle in ("ben", "chi", "lina"):
        await App(client, handle).does("UnfollowUser", userId=ana)
        await App(client, handle).does("FollowUser", userId=ana)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("FOLLOW", "lina", 3, "lina")]


async def test_a_notification_keeps_its_place_when_it_grows(client: Client) -> None:
    ana, ben, chi = (App(client, handle) for handle in ("ana", "ben", "chi"))
    one, other = await ana.publishes(), await ana.publishes()
    for post in (one, other):
        await ben.does("LikePost", postId=post)
        await drained(client.resources)
    await chi.does("LikePost", postId=one)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 1, other), Shown("LIKE", "chi", 2, one)]


@pytest.mark.parametrize("column", ["seen_at", "archived_at"])
async def test_a_seen_or_archived_notification_does_not_grow(client: Client, column: str) -> None:
    post = await App(client, "ana").publishes()
    await App(client, "ben").does("LikePost", postId=post)
    await drained(client.resources)
    await change(client.resources, f"UPDATE notifications SET {column} = created_at")
    for handle in ("chi", "lina"):
        await App(client, handle).does("LikePost", postId=post)
        await drained(client.resources)
    found = [Shown("LIKE", "lina", 2, post), Shown("LIKE", "ben", 1, post)]
    assert await shown(client, "ana") == found[: 2 if column == "seen_at" else 1]
    assert await App(client, "ana").badge() == (2, 2)


@pytest.mark.parametrize(("mark", "unread"), [("MarkNotificationsSeen", 2), ("MarkAllNotificationsRead", 1)])
async def test_a_notification_that_a_mark_includes_does_not_grow(client: Client, mark: str, unread: int) -> None:
    post = await App(client, "ana").publishes()
    await App(client, "ben").does("LikePost", postId=post)
    await drained(client.resources)
    (first,) = await nodes(client, "ana")
    await Inbox(client).act(mark, first["id"])
    for handle in ("chi", "lina"):
        await App(client, handle).does("LikePost", postId=post)
        await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "lina", 2, post), Shown("LIKE", "ben", 1, post)]
    assert await App(client, "ana").badge() == (1, unread)
    assert await wrong_counts(client.resources) == []


async def test_a_like_that_was_repeated_counts_once(client: Client) -> None:
    ana, ben, post = App(client, "ana"), App(client, "ben"), await App(client, "ana").publishes()
    for _ in range(3):
        await ben.does("LikePost", postId=post)
        await ben.does("UnlikePost", postId=post)
    await ben.does("LikePost", postId=post)
    await drained(client.resources)
    await ben.does("UnlikePost", postId=post)
    await ben.does("LikePost", postId=post)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 1, post)]
    assert (len(await received(client, "ana")), await ana.badge()) == (1, (1, 1))
    await set_seen(client, "ana")
    await ben.does("UnlikePost", postId=post)
    await ben.does("LikePost", postId=post)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 1, post)]


async def test_a_repeated_like_is_the_latest_one(client: Client) -> None:
    post = await App(client, "ana").publishes()
    await App(client, "ben").does("LikePost", postId=post)
    await App(client, "chi").does("LikePost", postId=post)
    await App(client, "ben").does("UnlikePost", postId=post)
    await App(client, "ben").does("LikePost", postId=post)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 2, post)]


async def test_a_like_before_there_were_facts_is_not_told_again(client: Client) -> None:
    ben, post = App(client, "ben"), await App(client, "ana").publishes()
    await ben.does("LikePost", postId=post)
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM notification_facts")
    await client.resources.database.fetch("DELETE FROM notification_groups")
    await ben.does("UnlikePost", postId=post)
    await ben.does("LikePost", postId=post)
    await App(client, "chi").does("LikePost", postId=post)
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "chi", 1, post), Shown("LIKE", "ben", 1, post)]


async def test_likes_within_a_second_are_one_notification_with_one_event_at_once(client: Client) -> None:
    post = read_global_id(await App(client, "ana").publishes(), "id")
    await drained(client.resources)
    ana, now, first_id = post.owner_id, client.resources.clock(), 10**12
    likers = range(first_id, first_id + LIKERS)
    async with client.resources.database.transaction() as transaction:
        rows = ((ana, post.id, liker, now) for liker in likers)
        await transaction.copy("likes", ("owner_id", "post_id", "user_id", "created_at"), rows)
    async with unit_of_work(client.resources) as work:
        for liker in likers:
            work.emit(PostLiked(actor_id=liker, author_id=ana, post_id=post.id))
    batches, relay = LIKERS // 250, Relay(client.resources, batch=250)
    for _ in range(batches):
        await step_of(relay)
    (row,) = await client.resources.database.fetch("SELECT id, actor_id, actor_count FROM notifications")
    assert (row["actor_id"], row["actor_count"]) == (likers[-1], LIKERS)
    assert await received(client, "ana") == [row["id"]]
    assert await App(client, "ana").badge() == (1, 1)


async def test_grouped_facts_are_in_the_partition_of_their_inbox(client: Client) -> None:
    """So one relay at a time writes the groups of an inbox."""
    ana = await client.user_id("ana")
    for event_type, owner in ((PostLiked, "author_id"), (CommentAdded, "author_id"), (UserFollowed, "followee_id")):
        assert EVENTS[event_type.__name__].owner_field == owner
    assert PostLiked(actor_id=1, author_id=ana, post_id=2).owner_id == ana


async def test_a_replayed_batch_changes_nothing(client: Client) -> None:
    ana, ben, post = App(client, "ana"), App(client, "ben"), await App(client, "ana").publishes()
    await ben.does("LikePost", postId=post)
    await ben.comments(post)
    await drained(client.resources)
    before, events = await nodes(client, "ana"), await received(client, "ana")
    await set_seen(client, "ana")
    await client.resources.database.fetch("UPDATE relay_positions SET tx = -1, id = 0")
    await drained(client.resources)
    assert await nodes(client, "ana") == before
    assert await received(client, "ana") == events
    assert (await ana.badge())[0] == 0


async def test_notifications_of_a_batch_take_the_same_statements_whatever_its_size(
    client: Client, statements: list[str]
) -> None:
    numbers: list[int] = []
    for handles in (("ben",), ("chi", "lina", "dia", "joy")):
        post = await App(client, "ana").publishes()
        await drained(client.resources)
        for handle in handles:
            await App(client, handle).does("LikePost", postId=post)
        statements.clear()
        await step_of(Relay(client.resources))
        numbers.append(len([sql for sql in statements if "notification" in sql]))
    assert numbers == [7, 7], statements
