"""A cursor that cannot be resumed yields one reset, and then what is new."""

from services.event_log.event_streams import MIN_ENTRIES, RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.event_log.topics import wake_streams
from services.resources import Resources
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import SYNC, Following


async def append(resources: Resources, user_id: int, count: int, kind: str = StreamEventKind.FEED_RESET) -> None:
    """Appends resets of the feed, or events of another kind, to a user's stream, each with another subject."""
    stream, now = RowKey(user_id, user_id), resources.clock()
    events = [
        StreamEvent(stream, StreamEventKind.FEED_RESET, RowKey(user_id, number), LogPosition(1, number), now)
        for number in range(1, count + 1)
    ]
    async with resources.database.transaction() as transaction:
        await append_to_streams(transaction, events)
        await transaction.fetch(
            "UPDATE stream_entries SET kind = $1 WHERE owner_id = $2 AND stream_id = $2", kind, user_id
        )
    wake_streams(resources.bus, [stream])


async def test_a_cursor_that_is_too_old_yields_a_reset_and_then_new_events(
    following: Following, client: Client
) -> None:
    async with following.viewer("ana") as ana:
        await App(client, "ben").publishes("1")
        await following.project()
        await ana.event()
    await append(client.resources, await client.user_id("ana"), MIN_ENTRIES + 200)
    async with following.viewer("ana", ana.cursor) as again:
        assert await again.event() == {"__typename": "StreamReset", "reason": "TOO_OLD"}
        await App(client, "ben").publishes("2")
        await following.project()
        assert (await again.event())["post"]["body"] == "2"
    page = (await client.data(SYNC, {"since": ana.cursor}, as_="ana"))["sync"]
    assert (page["reset"], page["changes"], page["hasMore"]) == (True, [], False)


async def test_a_cursor_of_another_epoch_yields_a_reset(following: Following, client: Client) -> None:
    async with following.viewer("ana") as ana:
        await App(client, "ben").publishes("1")
        await following.project()
        await ana.event()
    user_id = await client.user_id("ana")
    await client.resources.database.fetch("UPDATE streams SET epoch = epoch + 1 WHERE owner_id = $1", user_id)
    async with following.viewer("ana", ana.cursor) as again:
        assert await again.event() == {"__typename": "StreamReset", "reason": "EPOCH_CHANGED"}
    async with following.viewer("ana", again.cursor) as resumed:
        await App(client, "ben").publishes("2")
        await following.project()
        assert (await resumed.event())["post"]["body"] == "2"


async def test_a_stream_that_begins_anew_while_it_is_followed_yields_a_reset(
    following: Following, client: Client
) -> None:
    async with following.viewer("ana") as ana:
        await App(client, "ben").publishes("1")
        await following.project()
        await ana.event()
        user_id = await client.user_id("ana")
        await client.resources.database.fetch("UPDATE streams SET epoch = epoch + 1 WHERE owner_id = $1", user_id)
        wake_streams(client.resources.bus, [RowKey(user_id, user_id)])
        assert await ana.event() == {"__typename": "StreamReset", "reason": "EPOCH_CHANGED"}
        await App(client, "ben").publishes("2")
        await following.project()
        assert (await ana.event())["post"]["body"] == "2"


async def test_a_follow_that_ended_and_began_again_before_the_relay_read_it_is_announced(
    following: Following, client: Client
) -> None:
    """The feed lacks the author's posts in between, and no feed entry changes."""
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ben.publishes("kept")
    await following.project()
    await ana.does("UnfollowUser", userId=await ben.global_id())
    assert post not in await ana.feed()
    cursor = (await client.data("{ viewer { liveCursor } }", as_="ana"))["viewer"]["liveCursor"]
    await ana.does("FollowUser", userId=await ben.global_id())
    await following.project()
    assert post in await ana.feed()
    async with following.viewer("ana", cursor) as viewer:
        assert await viewer.event() == {"__typename": "FeedReset", "cause": "FOLLOW"}


async def test_an_event_of_a_newer_release_yields_a_reset_and_then_new_events(
    following: Following, client: Client
) -> None:
    user_id = await client.user_id("ana")
    async with following.viewer("ana") as ana:
        cursor = (await client.data("{ viewer { liveCursor } }", as_="ana"))["viewer"]["liveCursor"]
        await append(client.resources, user_id, 1, "OF_A_NEWER_RELEASE")
        assert await ana.event() == {"__typename": "StreamReset", "reason": "UNKNOWN_EVENT"}
        await App(client, "ben").publishes("1")
        await following.project()
        assert (await ana.event())["post"]["body"] == "1"
    async with following.viewer("ana", cursor) as again:
        assert [event["__typename"] for event in await again.events(2)] == ["StreamReset", "FeedPostPublished"]
    page = (await client.data(SYNC, {"since": cursor}, as_="ana"))["sync"]
    assert (page["reset"], page["changes"], page["hasMore"]) == (True, [], False)
