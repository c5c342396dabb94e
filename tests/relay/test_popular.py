"""Posts of authors with very many followers: three are very many here, so ana is one of them."""

import asyncio
from datetime import timedelta

import pytest

from core.settings import Settings
from core.viewer import SignedIn
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEventKind
from services.feed import PublishPost, publish_post
from services.unit_of_work import unit_of_work
from tests.support.app import App, key_of, stream_of
from tests.support.client import Client
from tests.support.relay import drained
from tests.support.timing import no_hang, settings_for

FEW = (
    "SELECT u.handle FROM users u WHERE (SELECT COUNT(*) FROM follows f WHERE f.followee_id = u.id) <= 3 "
    "AND u.handle NOT IN ('ana', 'ben', 'chi', 'dia') "
    "AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = u.id) ORDER BY u.id LIMIT 1"
)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, push_followers=3)


async def small_author(client: Client) -> App:
    """Returns an author with at most three followers, one of them ben."""
    (row,) = await client.resources.database.fetch(FEW)
    small = App(client, row["handle"])
    await App(client, "ben").does("FollowUser", userId=await small.global_id())
    await drained(client.resources)
    return small


async def readers_of(client: Client, post: str) -> set[int]:
    rows = await client.resources.database.fetch(
        "SELECT owner_id FROM feed_entries WHERE post_id = $1", key_of(post).id
    )
    return {row["owner_id"] for row in rows}


async def test_a_post_of_popular_author_is_in_the_followers_feeds_at_once_and_written_into_none(
    client: Client,
) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    assert (await ben.feed())[0] == (await ana.feed())[0] == post
    await drained(client.resources)
    assert await readers_of(client, post) == {await ana.user_id()}
    assert (await ben.feed()).count(post) == (await ana.feed()).count(post) == 1


async def test_a_post_of_somebody_with_few_followers_is_written_into_their_feeds(client: Client) -> None:
    small, ben = await small_author(client), App(client, "ben")
    post = await small.publishes()
    assert post not in await ben.feed()
    await drained(client.resources)
    assert await ben.user_id() in await readers_of(client, post)
    assert (await ben.feed())[0] == post


async def test_publishing_takes_one_statement_more_when_it_is_pulled_however_many_follow(
    client: Client, statements: list[str]
) -> None:
    ana = App(client, "ana")
    token = await client.token("ana")
    statements.clear()
    query = 'mutation { publishPost(input: {body: "Hello"}) { __typename } }'
    assert (await client.post(query, token=token)).json() == {
        "data": {"publishPost": {"__typename": "PublishPostSuccess"}}
    }
    assert len(statements) == 6, statements
    assert await ana.feed(1)


async def test_who_follows_no_longer_or_is_blocked_finds_nothing_that_is_pulled(client: Client) -> None:
    ana, ben, chi = App(client, "ana"), App(client, "ben"), App(client, "chi")
    post = await ana.publishes()
    await ben.does("UnfollowUser", userId=await ana.global_id())
    await ana.does("BlockUser", userId=await chi.global_id())
    assert post not in await ben.feed()
    assert post not in await chi.feed()
    await ben.does("FollowUser", userId=await ana.global_id())
    assert (await ben.feed())[0] == post
    await drained(client.resources)
    assert await readers_of(client, post) == {await ana.user_id()}


async def test_the_stream_of_pulled_posts_tells_what_happens_to_them(client: Client) -> None:
    ana, small = App(client, "ana"), await small_author(client)
    post = await ana.publishes()
    pushed = await small.publishes()
    await drained(client.resources)
    await ana.does("EditPost", postId=post, body="Better")
    await drained(client.resources)
    await ana.does("DeletePost", postId=post)
    await drained(client.resources)
    assert post not in await App(client, "ben").feed()
    assert pushed in await App(client, "ben").feed()
    entries = await stream_of(client, POPULAR_STREAM)
    assert [(entry.place, entry.kind, entry.subject) for entry in entries] == [
        (1, StreamEventKind.FEED_POST_PUBLISHED, key_of(post)),
        (2, StreamEventKind.FEED_POST_CHANGED, key_of(post)),
        (3, StreamEventKind.FEED_POST_REMOVED, key_of(post)),
    ]


async def test_whoever_follows_popular_author_or_stops_is_told_that_their_feed_is_another(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    await ana.publishes()
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM feed_entries WHERE author_id = $1", await ana.user_id())
    ben_id = await ben.user_id()
    kinds_by_name = {
        "UnfollowUser": StreamEventKind.FEED_RESET_BY_UNFOLLOW,
        "FollowUser": StreamEventKind.FEED_RESET_BY_FOLLOW,
    }
    for name, kind in kinds_by_name.items():
        await ben.does(name, userId=await ana.global_id())
        await drained(client.resources)
        kinds = [entry.kind for entry in await stream_of(client, RowKey(ben_id, ben_id))]
        assert kinds.count(kind) == 1


async def test_what_was_pushed_before_somebody_was_popular_stays_in_the_feeds_beside_what_is_pulled(
    client: Client,
) -> None:
    small, ben = await small_author(client), App(client, "ben")
    pushed = await small.publishes("pushed")
    await drained(client.resources)
    for handle in ("ana", "chi", "dia"):
        await App(client, handle).does("FollowUser", userId=await small.global_id())
    await drained(client.resources)
    pulled = await small.publishes("pulled")
    await drained(client.resources)
    assert (await ben.feed())[:2] == [pulled, pushed]
    await small.does("DeletePost", postId=pushed)
    await drained(client.resources)
    assert [post for post in await ben.feed() if post in (pushed, pulled)] == [pulled]


async def test_nothing_is_written_for_who_has_been_away_for_weeks(client: Client) -> None:
    small, ben = await small_author(client), App(client, "ben")
    now, fetch = client.resources.clock(), client.resources.database.fetch
    for days, comes in ((29, False), (27, True)):
        await fetch("DELETE FROM visits")
        await fetch(
            "INSERT INTO visits (owner_id, last_at) VALUES ($1, $2)", await ben.user_id(), now - timedelta(days=days)
        )
        post = await small.publishes()
        await drained(client.resources)
        assert (await ben.user_id() in await readers_of(client, post)) == comes


PAGE = (
    "query ($after: String) { viewer { feed(first: 7, after: $after) "
    "{ edges { node { id } } pageInfo { hasNextPage endCursor } } } }"
)
ARRIVING = 1000


class Arrivals:
    """Publishes posts of a popular author and of another one alternately, and runs the relay."""

    def __init__(self, *authors: App) -> None:
        self._authors = authors
        self.arrived = 0

    async def all(self) -> None:
        await asyncio.gather(*(self._publish(range(first, ARRIVING, 10)) for first in range(10)))

    async def _publish(self, numbers: range) -> None:
        for number in numbers:
            author = self._authors[number % len(self._authors)]
            await self._publish_one(author, f"Meanwhile {number}")
            self.arrived += 1
            if number % 20 == 0:
                await drained(author.client.resources)

    async def _publish_one(self, author: App, body: str) -> None:
        resources, viewer = author.client.resources, SignedIn(await author.user_id(), 1)
        async with unit_of_work(resources) as work:
            await publish_post(viewer, work, resources, PublishPost(body))

    async def until(self, count: int) -> None:
        async with no_hang():
            while self.arrived < count:  # noqa: ASYNC110 - a count is watched
                await asyncio.sleep(0.001)


async def test_paging_to_the_end_while_a_thousand_posts_arrive_shows_nothing_twice_and_skips_nothing(
    client: Client,
) -> None:
    ana, small, ben = App(client, "ana"), await small_author(client), App(client, "ben")
    for number in range(30):
        await (ana if number % 3 else small).publishes(f"Before {number}")
    await drained(client.resources)
    before = await ben.feed(100)
    assert len(before) == 100
    arrivals = Arrivals(ana, small)
    arriving = asyncio.create_task(arrivals.all())
    seen: list[str] = []
    after: str | None = None
    while True:
        page = (await client.data(PAGE, {"after": after}, as_="ben"))["viewer"]["feed"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        await arrivals.until(min(ARRIVING, len(seen) * ARRIVING // 100))
    await arriving
    assert len(seen) == len(set(seen))
    assert [post for post in seen if post in set(before)] == before
    await drained(client.resources)
    newest = await ben.feed(100)
    assert not set(newest) & set(seen)
