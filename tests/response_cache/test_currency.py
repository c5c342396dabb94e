"""Stored responses are never older than what was acknowledged, apart from counts of what others did."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.database import IsolatedDatabase
from core.errors import Unavailable
from core.settings import Settings
from gateway.response_cache.entries import Entry
from gateway.response_cache.lookups import Lookup
from tests.response_cache.conftest import Explained
from tests.support.app import App
from tests.support.client import HOME, Client
from tests.support.relay import drained
from tests.support.timing import settings_for

Ask = Callable[..., Awaitable[Explained]]

HIT = ("hit", None)
CHANGED = ("miss", "data has changed")
POST = "query ($id: ID!) { node(id: $id) { ... on Post { body comments(first: 3) { edges { node { body } } } } } }"
LIKES = "query ($id: ID!) { node(id: $id) { ... on Post { body likeCount } } }"
FEED = "{ viewer { feed(first: 5) { edges { node { id body } } } } }"
BADGE = "{ viewer { notificationCounts { unseen } } }"


@pytest.fixture
def ana(client: Client) -> App:
    return App(client, "ana")


@pytest.fixture
def ben(client: Client) -> App:
    return App(client, "ben")


async def test_what_another_user_changes_outdates_the_responses_that_show_it(
    ana: App, ben: App, explained: Ask
) -> None:
    post = {"id": await ben.publishes("First")}
    other = {"id": await ben.publishes("Other")}
    for asked in (post, other):
        await explained(POST, asked, as_="ana")
    await ben.does("EditPost", postId=post["id"], body="Second")
    assert await explained(POST, post, as_="ana") == CHANGED
    assert await explained(POST, other, as_="ana") == HIT
    await ben.comments(post["id"])
    assert await explained(POST, post, as_="ana") == CHANGED
    await ben.does("DeletePost", postId=post["id"])
    assert (await ana.client.data(POST, post, as_="ana"))["node"] is None


async def test_a_feed_is_outdated_when_the_relay_has_written_the_post(ana: App, ben: App, explained: Ask) -> None:
    await drained(ana.client.resources)
    await ana.does("FollowUser", userId=await ben.global_id())
    await drained(ana.client.resources)
    await explained(FEED, as_="ana")
    assert await explained(FEED, as_="ana") == HIT
    post = await ben.publishes()
    await drained(ana.client.resources)
    assert post in await ana.feed()


async def test_a_post_that_feeds_look_up_outdates_them_at_once(client: Client, explained: Ask) -> None:
    reader, author = App(client, "ana"), App(client, "ben")
    for handle in ("ana", "chi", "dia"):
        await App(client, handle).does("FollowUser", userId=await author.global_id())
    await drained(client.resources)
    for number in range(3):
        await explained(FEED, as_="ana")
        post = await author.publishes(f"Popular {number}")
        assert await explained(FEED, as_="ana") == CHANGED
        assert post in await reader.feed()
    assert await explained(FEED, as_="ana") == HIT


async def test_a_badge_is_outdated_by_a_notification(ana: App, ben: App, explained: Ask) -> None:
    post = await ana.publishes()
    await drained(ana.client.resources)
    await explained(BADGE, as_="ana")
    before, _ = await ana.badge()
    await ben.comments(post)
    assert await explained(BADGE, as_="ana") == HIT
    await drained(ana.client.resources)
    assert await explained(BADGE, as_="ana") == CHANGED
    assert (await ana.badge())[0] == before + 1


async def test_a_block_outdates_responses_for_both(ana: App, ben: App, explained: Ask) -> None:
    post = {"id": await ben.publishes()}
    await explained(POST, post, as_="ana")
    await ben.does("BlockUser", userId=await ana.global_id())
    assert (await ana.client.data(POST, post, as_="ana"))["node"] is None
    await ben.does("UnblockUser", userId=await ana.global_id())
    assert (await ana.client.data(POST, post, as_="ana"))["node"]["body"] == "Hello"


async def test_likes_of_others_appear_within_seconds_and_own_likes_at_once(ana: App, ben: App, explained: Ask) -> None:
    post = {"id": await ana.publishes()}
    await explained(LIKES, post, as_="ana")
    await ben.does("LikePost", postId=post["id"])
    assert await explained(LIKES, post, as_="ana") == HIT
    await ana.does("LikePost", postId=post["id"])
    assert await explained(LIKES, post, as_="ana") == CHANGED
    assert (await ana.client.data(LIKES, post, as_="ana"))["node"]["likeCount"] == 2


async def test_likes_do_not_outdate_responses_without_counts(ana: App, ben: App, explained: Ask) -> None:
    post = {"id": await ana.publishes()}
    await explained(POST, post, as_="ana")
    await ben.does("LikePost", postId=post["id"])
    assert await explained(POST, post, as_="ana") == HIT


class TestStrictCounts:
    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return settings_for(database_url, cache_url="memory://", cache_explain="on", cache_max_stale=0)

    async def test_likes_of_others_outdate_counts(self, ana: App, ben: App, explained: Ask) -> None:
        post = {"id": await ana.publishes()}
        await explained(LIKES, post, as_="ana")
        await ben.does("LikePost", postId=post["id"])
        assert await explained(LIKES, post, as_="ana") == CHANGED


async def test_a_failed_mutation_outdates_nothing(ana: App, explained: Ask) -> None:
    await explained(FEED, as_="ana")
    answer = await ana.client.data('mutation { publishPost(input: {body: ""}) { __typename } }', as_="ana")
    assert answer["publishPost"]["__typename"] == "InvalidInputProblem"
    assert await explained(FEED, as_="ana") == HIT


async def test_a_write_that_is_not_announced_yet_is_held(client: Client, explained: Ask) -> None:
    """Tests what other processes know while the relay's transaction is about to be committed."""
    store = client.resources.responses
    assert store is not None
    await explained(FEED, as_="ana")
    hold = await store.hold([f"Viewer:{await client.user_id('ana')}.feed"], 60)
    for _ in range(2):
        assert await explained(FEED, as_="ana") == CHANGED
    assert await store.confirm(hold)
    assert await explained(FEED, as_="ana") == CHANGED
    assert await explained(FEED, as_="ana") == HIT


async def test_without_the_database_expired_responses_are_sent_with_their_age(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await client.token("ana")
    fresh = (await client.post(HOME, token=token)).json()

    async def fail(*_: Any) -> Any:
        raise Unavailable("The database does not answer. Try again.")

    def age(_lookup: Lookup, _entry: Entry) -> int:
        return 100

    monkeypatch.setattr(Lookup, "age", age)
    monkeypatch.setattr(IsolatedDatabase, "_fetch", fail)
    stale = (await client.post(HOME, token=token)).json()
    assert stale == {"data": fresh["data"], "extensions": {"stale": {"age": 100}}}
    unknown = (await client.post(FEED, token=token)).json()
    assert unknown["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
