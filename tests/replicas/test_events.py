"""After an event, queries of the viewer who received it read what it announced."""

from tests.replicas.conftest import Pair, serving, until_known
from tests.support.client import Client, operation
from tests.support.feed import act, person
from tests.support.relay import drained

FEED = operation("feed.graphql", "FeedPage")
INBOX = operation("notifications.graphql", "Inbox")


async def bodies(client: Client) -> list[str]:
    """Returns the texts of the first posts of Ana's feed."""
    feed = (await client.data(FEED, {"first": 5}, as_="ana"))["viewer"]["feed"]
    return [edge["node"]["body"] for edge in feed["edges"]]


async def unseen(client: Client) -> int:
    """Returns the count of Ana's notifications that she has not seen."""
    return (await client.data(INBOX, as_="ana"))["viewer"]["notificationCounts"]["unseen"]


async def test_the_feed_has_the_post_that_an_event_announced_while_the_replica_lags(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        await act(client, "FollowUser", "ana", userId=(await person(client, "ben")).id)
        await drained(client.resources)
        await pair.pause()
        await act(client, "PublishPost", "ben", body="Announced")
        await drained(client.resources)
        assert (await bodies(client))[0] == "Announced"


async def test_the_feed_has_the_posts_of_a_follow_that_was_projected_while_the_replica_lags(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        ben = (await person(client, "ben")).id
        await act(client, "UnfollowUser", "ana", userId=ben)
        await act(client, "PublishPost", "ben", body="Earlier")
        await drained(client.resources)
        assert "Earlier" not in await bodies(client)
        await act(client, "FollowUser", "ana", userId=ben)
        await until_known(client, "ana")
        await pair.pause()
        await drained(client.resources)
        assert "Earlier" in await bodies(client)


async def test_the_inbox_has_the_notification_that_an_event_announced_while_the_replica_lags(pair: Pair) -> None:
    async with serving(pair, database_replica_max_lag=10.0) as client:
        ana = (await person(client, "ana")).id
        await act(client, "UnfollowUser", "ben", userId=ana)
        await drained(client.resources)
        before = await unseen(client)
        await pair.pause()
        await act(client, "FollowUser", "ben", userId=ana)
        await drained(client.resources)
        assert await unseen(client) == before + 1
