"""Tests the home feeds that the relay writes."""

from services.event_log.event_streams import RowKey, StreamEventKind
from tests.support.app import App, key_of, stream_of
from tests.support.client import Client
from tests.support.relay import drained


async def entries_of(client: Client, reader: int, author: int) -> int:
    rows = await client.resources.database.fetch(
        "SELECT 1 AS one FROM feed_entries WHERE owner_id = $1 AND author_id = $2", reader, author
    )
    return len(rows)


async def person_stream(client: Client, app: App) -> list[tuple[StreamEventKind, RowKey]]:
    user_id = await app.user_id()
    return [(entry.kind, entry.subject) for entry in await stream_of(client, RowKey(user_id, user_id))]


async def test_a_post_is_in_its_authors_feed_at_once_and_in_the_followers_feeds_after_the_relay(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    assert (await ana.feed())[0] == post
    assert post not in await ben.feed()
    await drained(client.resources)
    assert (await ana.feed()).count(post) == 1
    assert (await ben.feed())[0] == post
    for reader in (ana, ben):
        assert await person_stream(client, reader) == [(StreamEventKind.FEED_POST_PUBLISHED, key_of(post))]


async def test_a_post_comes_to_every_follower_and_to_nobody_else(client: Client) -> None:
    ana = App(client, "ana")
    post = key_of(await ana.publishes())
    await drained(client.resources)
    fetch = client.resources.database.fetch
    readers = {row["owner_id"] for row in await fetch("SELECT owner_id FROM feed_entries WHERE post_id = $1", post.id)}
    followers = await fetch("SELECT owner_id FROM follows WHERE followee_id = $1", post.owner_id)
    assert readers == {row["owner_id"] for row in followers} | {post.owner_id}
    assert len(readers) > 4


async def test_who_begins_to_follow_gets_the_newest_posts(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    ben_id, ana_id = await ben.user_id(), await ana.user_id()
    await ana.does("UnfollowUser", userId=await ben.global_id())
    await drained(client.resources)
    assert await entries_of(client, ana_id, ben_id) == 0
    await ana.does("FollowUser", userId=await ben.global_id())
    await drained(client.resources)
    (posts,) = await client.resources.database.fetch(
        "SELECT COUNT(*) AS number FROM posts WHERE author_id = $1 AND deleted_at IS NULL", ben_id
    )
    assert await entries_of(client, ana_id, ben_id) == posts["number"] > 0
    inbox = RowKey(ana_id, ana_id)
    assert await person_stream(client, ana) == [
        (StreamEventKind.FEED_RESET_BY_UNFOLLOW, inbox),
        (StreamEventKind.FEED_RESET_BY_FOLLOW, inbox),
    ]


async def test_of_somebody_with_many_posts_what_is_there_of_the_newest_hundred_comes(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    ana_id, ben_id = await ana.user_id(), await ben.user_id()
    await ana.does("UnfollowUser", userId=await ben.global_id())
    await drained(client.resources)
    posts = [await ben.publishes(f"Number {number}") for number in range(103)]
    await ben.does("DeletePost", postId=posts[50])
    await drained(client.resources)
    await ana.does("FollowUser", userId=await ben.global_id())
    await drained(client.resources)
    assert await entries_of(client, ana_id, ben_id) == 99
    newest = [post for post in reversed(posts[3:]) if post != posts[50]]
    assert [post for post in await ana.feed() if post in posts] == newest


async def test_unfollowing_takes_effect_at_once_and_in_the_entries_after_the_relay(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ben.publishes()
    await drained(client.resources)
    assert post in await ana.feed()
    await ana.does("UnfollowUser", userId=await ben.global_id())
    assert post not in await ana.feed()
    assert await entries_of(client, await ana.user_id(), await ben.user_id()) > 0
    await drained(client.resources)
    assert await entries_of(client, await ana.user_id(), await ben.user_id()) == 0


async def test_following_again_before_the_relay_keeps_the_entries(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ben.publishes()
    await drained(client.resources)
    await ana.does("UnfollowUser", userId=await ben.global_id())
    await ana.does("FollowUser", userId=await ben.global_id())
    await drained(client.resources)
    assert post in await ana.feed()


async def test_a_block_takes_each_out_of_the_others_feed(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    of_ben, of_ana = await ben.publishes(), await ana.publishes()
    await drained(client.resources)
    await ana.does("BlockUser", userId=await ben.global_id())
    assert of_ben not in await ana.feed()
    assert of_ana not in await ben.feed()
    await drained(client.resources)
    ana_id, ben_id = await ana.user_id(), await ben.user_id()
    assert await entries_of(client, ana_id, ben_id) == 0
    assert await entries_of(client, ben_id, ana_id) == 0
    for reader, user_id in ((ana, ana_id), (ben, ben_id)):
        inbox = RowKey(user_id, user_id)
        assert (await person_stream(client, reader))[-1] == (StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED, inbox)


async def test_a_deleted_post_is_gone_at_once_and_its_entries_after_the_relay(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await drained(client.resources)
    await ana.does("DeletePost", postId=post)
    assert post not in await ben.feed()
    await drained(client.resources)
    fetch = client.resources.database.fetch
    assert await fetch("SELECT 1 AS one FROM feed_entries WHERE post_id = $1", key_of(post).id) == []
    for reader in (ana, ben):
        assert (await person_stream(client, reader))[-1] == (StreamEventKind.FEED_POST_REMOVED, key_of(post))


async def test_a_post_that_is_deleted_before_the_relay_comes_to_no_follower(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await ana.does("DeletePost", postId=post)
    await drained(client.resources)
    assert await person_stream(client, ben) == []
    fetch = client.resources.database.fetch
    assert await fetch("SELECT 1 AS one FROM feed_entries WHERE post_id = $1", key_of(post).id) == []


async def test_an_edit_is_told_to_whom_the_post_is_shown(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await drained(client.resources)
    await ana.does("EditPost", postId=post, body="Better")
    await drained(client.resources)
    for reader in (ana, ben):
        assert (await person_stream(client, reader))[-1] == (StreamEventKind.FEED_POST_CHANGED, key_of(post))


async def test_what_a_post_is_told_of_stands_in_its_stream(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await drained(client.resources)
    comment = await ben.comments(post)
    await drained(client.resources)
    await ben.does("LikePost", postId=post)
    await drained(client.resources)
    await ana.does("DeleteComment", commentId=comment)
    await drained(client.resources)
    await ana.does("DeletePost", postId=post)
    await drained(client.resources)
    entries = await stream_of(client, key_of(post))
    assert [entry.place for entry in entries] == [1, 2, 3]
    assert [(entry.kind, entry.subject) for entry in entries] == [
        (StreamEventKind.COMMENT_ADDED, key_of(comment)),
        (StreamEventKind.COMMENT_REMOVED, key_of(comment)),
        (StreamEventKind.POST_REMOVED, key_of(post)),
    ]
    (row,) = await client.resources.database.fetch(
        "SELECT counts_revision FROM streams WHERE owner_id = $1 AND id = $2", *key_of(post)
    )
    assert row["counts_revision"] == 3
