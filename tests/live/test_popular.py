"""Posts of popular authors, whose stream all users have in common."""

from collections.abc import Sequence

import pytest

from core.settings import Settings
from gateway.live.deliveries import LiveDeliveries
from services.live import Delivery, positions
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.timing import settings_for


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Every author with a follower is popular."""
    return settings_for(database_url, push_followers=0)


async def test_followers_of_a_popular_author_receive_posts_and_others_do_not(
    following: Following, client: Client
) -> None:
    ben, ana = App(client, "ben"), App(client, "ana")
    await App(client, "chi").does("UnfollowUser", userId=await ben.global_id())
    await following.project()
    async with following.viewer("ana") as follower, following.viewer("chi") as other:
        post = await ben.publishes("to followers")
        await following.project()
        event = await follower.event()
        assert (event["__typename"], event["post"]["id"]) == ("FeedPostPublished", post)
        await ben.does("EditPost", postId=post, body="edited")
        await following.project()
        event = await follower.event()
        assert (event["__typename"], event["post"]["body"]) == ("FeedPostChanged", "edited")
        own = await App(client, "chi").publishes("own")
        await following.project()
        assert (await other.event())["post"]["id"] == own
    assert post in await ana.feed()


async def test_posts_that_were_missed_come_first_and_once(following: Following, client: Client) -> None:
    ben = App(client, "ben")
    async with following.viewer("ana") as ana:
        await ben.publishes("1")
        await following.project()
        assert (await ana.event())["post"]["body"] == "1"
    for body in ("2", "3"):
        await ben.publishes(body)
        await following.project()
    async with following.viewer("ana", ana.cursor) as again:
        assert [event["post"]["body"] for event in await again.events(2)] == ["2", "3"]
        await ben.publishes("4")
        await following.project()
        assert (await again.event())["post"]["body"] == "4"


async def test_both_streams_resume_after_one_cursor(following: Following, client: Client) -> None:
    ben, ana = App(client, "ben"), App(client, "ana")
    mine = await ana.publishes("mine")
    await following.project()
    async with following.viewer("ana") as viewer:
        await ben.publishes("1")
        await following.project()
        await viewer.event()
    await ben.does("LikePost", postId=mine)
    await ben.publishes("2")
    await following.project()
    async with following.viewer("ana", viewer.cursor) as again:
        assert [event["__typename"] for event in await again.events(2)] == ["NotificationReceived", "FeedPostPublished"]
    async with following.viewer("ana", again.cursor) as last:
        await ben.publishes("3")
        await following.project()
        assert (await last.event())["post"]["body"] == "3"


async def test_a_client_that_was_away_for_many_popular_posts_reads_them_in_parts(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that no delivery contains more than the limit, so that a slow client is not disconnected."""
    monkeypatch.setattr(positions, "MAX_MERGED", 3)
    largest = 0
    receive = LiveDeliveries.receive

    def measured(self: LiveDeliveries, deliveries: Sequence[Delivery]) -> None:
        nonlocal largest
        largest = max(largest, *(len(delivery.payloads) for delivery in deliveries))
        receive(self, deliveries)

    ben = App(client, "ben")
    async with following.viewer("ana") as ana:
        await ben.publishes("0")
        await following.project()
        await ana.event()
    bodies = [str(number) for number in range(1, 9)]
    for body in bodies:
        await ben.publishes(body)
        await App(client, "ana").publishes(f"own {body}")
    await following.project()
    monkeypatch.setattr(LiveDeliveries, "receive", measured)
    async with following.viewer("ana", ana.cursor) as again:
        events = [event["post"]["body"] for event in await again.events(16)]
    assert [body for body in events if not body.startswith("own")] == bodies
    assert [body for body in events if body.startswith("own")] == [f"own {body}" for body in bodies]
    assert largest == 3
