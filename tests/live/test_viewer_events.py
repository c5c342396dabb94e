from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following


async def test_a_published_post_arrives_at_a_follower(following: Following, client: Client) -> None:
    async with following.viewer("ana") as ana:
        post = await App(client, "ben").publishes("Live")
        await following.project()
        event = await ana.event()
    assert event["__typename"] == "FeedPostPublished"
    assert event["post"]["id"] == post
    assert event["post"]["body"] == "Live"


async def test_missed_events_come_first_and_none_comes_twice(following: Following, client: Client) -> None:
    ben = App(client, "ben")
    async with following.viewer("ana") as ana:
        await ben.publishes("1")
        await following.project()
        assert (await ana.event())["post"]["body"] == "1"
    await ben.publishes("2")
    await ben.publishes("3")
    await following.project()
    async with following.viewer("ana", ana.cursor) as again:
        await ben.publishes("4")
        await following.project()
        assert [event["post"]["body"] for event in await again.events(3)] == ["2", "3", "4"]
