"""Tests the notifications that the relay writes."""

from services.event_log.event_streams import RowKey, StreamEventKind
from tests.support.app import App, stream_of
from tests.support.client import Client
from tests.support.relay import drained


async def test_a_follow_a_like_and_a_comment_are_told_once_and_counted(client: Client) -> None:
    ana, lina = App(client, "ana"), App(client, "lina")
    post = await ana.publishes()
    await lina.does("UnfollowUser", userId=await ana.global_id())
    await client.resources.database.fetch("DELETE FROM notifications")
    unseen, unread = await ana.badge()
    await lina.does("FollowUser", userId=await ana.global_id())
    await lina.does("LikePost", postId=post)
    await lina.comments(post)
    assert (await ana.told(), await ana.badge()) == ([], (unseen, unread))
    await drained(client.resources)
    name = (await client.data('{ user(handle: "lina") { name } }'))["user"]["name"]
    assert await ana.told() == [
        ("COMMENT", f"{name} commented on your post."),
        ("LIKE", f"{name} liked your post."),
        ("FOLLOW", f"{name} started following you."),
    ]
    assert await ana.badge() == (unseen + 3, unread + 3)
    user_id = await ana.user_id()
    kinds = [entry.kind for entry in await stream_of(client, RowKey(user_id, user_id))]
    assert kinds == [StreamEventKind.FEED_POST_PUBLISHED, *[StreamEventKind.NOTIFICATION_RECEIVED] * 3]


async def test_liking_and_following_again_tells_nobody_twice(client: Client) -> None:
    ana, lina = App(client, "ana"), App(client, "lina")
    post = await ana.publishes()
    await client.resources.database.fetch("DELETE FROM notifications")
    for _ in range(2):
        await lina.does("LikePost", postId=post)
        await drained(client.resources)
        await lina.does("UnlikePost", postId=post)
        await lina.does("UnfollowUser", userId=await ana.global_id())
        await drained(client.resources)
        await lina.does("FollowUser", userId=await ana.global_id())
        await drained(client.resources)
    assert [kind for kind, _ in await ana.told()] == ["FOLLOW", "LIKE"]


async def test_what_was_taken_back_before_the_relay_is_not_told(client: Client) -> None:
    ana, lina = App(client, "ana"), App(client, "lina")
    post, other = await ana.publishes(), await ana.publishes()
    await client.resources.database.fetch("DELETE FROM notifications")
    badge = await ana.badge()
    await lina.does("LikePost", postId=post)
    await lina.does("UnlikePost", postId=post)
    await lina.does("DeleteComment", commentId=await lina.comments(post))
    await lina.does("LikePost", postId=other)
    await lina.comments(other)
    await ana.does("DeletePost", postId=other)
    await lina.does("UnfollowUser", userId=await ana.global_id())
    await lina.does("FollowUser", userId=await ana.global_id())
    await lina.does("UnfollowUser", userId=await ana.global_id())
    await drained(client.resources)
    assert (await ana.told(), await ana.badge()) == ([], badge)


async def test_nobody_is_told_what_they_did_themselves(client: Client) -> None:
    ana = App(client, "ana")
    post = await ana.publishes()
    await client.resources.database.fetch("DELETE FROM notifications")
    await ana.does("LikePost", postId=post)
    await ana.comments(post)
    await drained(client.resources)
    assert await ana.told() == []


async def test_what_somebody_does_not_want_in_the_inbox_does_not_come(client: Client) -> None:
    ana, lina = App(client, "ana"), App(client, "lina")
    post, fetch = await ana.publishes(), client.resources.database.fetch
    await fetch("DELETE FROM notifications")
    await fetch(
        "UPDATE channel_preferences SET in_app = false WHERE owner_id = $1 AND kind = 'LIKE'", await ana.user_id()
    )
    await lina.does("LikePost", postId=post)
    await lina.comments(post)
    await drained(client.resources)
    assert [kind for kind, _ in await ana.told()] == ["COMMENT"]


async def test_who_was_blocked_meanwhile_is_not_told_of(client: Client) -> None:
    ana, lina = App(client, "ana"), App(client, "lina")
    post = await ana.publishes()
    await client.resources.database.fetch("DELETE FROM notifications")
    await lina.comments(post)
    await ana.does("BlockUser", userId=await lina.global_id())
    await drained(client.resources)
    assert await ana.told() == []
