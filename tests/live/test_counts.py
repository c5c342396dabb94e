"""Counts are announced with their latest values, and displace no event."""

from datetime import datetime, timedelta
from itertools import pairwise

from services.live.subscribers import COUNTS_SECONDS
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following

_CLOCKS = 0.05
"""Seconds that the clock of `occurredAt` may differ from the timer of counts within the test."""


async def test_likes_arrive_as_the_latest_count_at_the_place_of_the_last_event(
    following: Following, client: Client
) -> None:
    ana, ben, chi = (App(client, handle) for handle in ("ana", "ben", "chi"))
    post = await ana.publishes()
    await following.project()
    async with following.post("dia", post) as follower:
        comment = await ben.comments(post)
        await following.project()
        first = await follower.payload()
        assert first["event"]["comment"]["id"] == comment
        counted = await follower.event()
        assert counted == {"__typename": "PostChanged", "post": {**counted["post"], "commentCount": 1, "likeCount": 0}}
        for app in (ben, chi):
            await app.does("LikePost", postId=post)
            await following.project()
        while counted["post"]["likeCount"] < 2:
            counted = await follower.event()
        cursor = follower.cursor
    async with following.post("dia", post, cursor) as again:
        second = await ben.comments(post, "again")
        await following.project()
        event = await again.event()
        while event["__typename"] == "PostChanged":  # a later announcement of the same likes
            assert event["post"]["likeCount"] == 2
            event = await again.event()
        assert event["comment"]["id"] == second


async def test_bursts_of_likes_are_at_most_one_event_per_second(following: Following, client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await following.project()
    selected = "occurredAt event { ... on PostChanged { post { likeCount } } }"
    query = f"subscription ($id: ID!) {{ postEvents(postId: $id) {{ {selected} }} }}"
    async with following.socket("dia") as socket:
        await following.subscribe(socket, query, {"id": post})
        for name in ("LikePost", "UnlikePost", "LikePost", "UnlikePost", "LikePost"):
            await ben.does(name, postId=post)
            await following.project()
        times: list[datetime] = []
        count = 0
        while count != 1 or len(times) < 2:
            payload = (await socket.hear())["payload"]["data"]["postEvents"]
            count = payload["event"]["post"]["likeCount"]
            times.append(datetime.fromisoformat(payload["occurredAt"]))
    assert min(later - earlier for earlier, later in pairwise(times)) > timedelta(seconds=COUNTS_SECONDS - _CLOCKS)


async def test_counts_that_changed_while_a_client_was_away_arrive_when_it_resumes(
    following: Following, client: Client
) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await following.project()
    async with following.post("dia", post) as follower:
        await ben.does("LikePost", postId=post)
        await following.project()
        assert (await follower.event())["post"]["likeCount"] == 1
    await ben.does("UnlikePost", postId=post)
    await following.project()
    async with following.post("dia", post, follower.cursor) as again:
        assert (await again.event())["post"]["likeCount"] == 0
    async with following.post("dia", post, again.cursor) as last:
        comment = await ben.comments(post)
        await following.project()
        assert (await last.event())["comment"]["id"] == comment, "known counts are not repeated"
