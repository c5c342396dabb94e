"""Tests the feed of a user who returns after weeks."""

from datetime import timedelta

import pytest

from core.settings import Settings
from events import PersonReturned
from services.event_log.event_streams import RowKey, StreamEventKind
from tests.support.app import App, key_of, stream_of
from tests.support.client import LOG_IN, Client
from tests.support.jobs import rows, run_all
from tests.support.kept import events_of
from tests.support.relay import drained
from tests.support.timing import settings_for
from tests.users.test_log_in import credentials
from workers.handlers import HANDLERS


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, feed_length=100)


async def signs_in(client: Client, handle: str) -> None:
    answer = await client.data(LOG_IN, credentials(f"{handle}@example.com", f"open-sesame-{handle}"))
    assert answer["logIn"]["__typename"] == "LogInSuccess"


async def was_last_there(client: Client, handle: str, *, days: int) -> None:
    at = client.resources.clock() - timedelta(days=days)
    await client.resources.database.fetch(
        "UPDATE visits SET last_at = $2 WHERE owner_id = $1", await client.user_id(handle), at
    )


async def settled(client: Client) -> None:
    await drained(client.resources)
    await run_all(client.resources, HANDLERS)


async def test_whoever_is_back_after_weeks_finds_what_was_published_meanwhile(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    await signs_in(client, "ben")
    await was_last_there(client, "ben", days=29)
    posts = [await ana.publishes(f"Number {number}") for number in range(3)]
    await ana.does("DeletePost", postId=posts[1])
    await settled(client)
    assert not set(posts) & set(await ben.feed())
    await signs_in(client, "ben")
    await settled(client)
    assert (await ben.feed())[:2] == [posts[2], posts[0]]
    ben_id = await ben.user_id()
    told = [entry.kind for entry in await stream_of(client, RowKey(ben_id, ben_id))]
    assert [kind for kind in told if kind is not StreamEventKind.NOTIFICATION_RECEIVED] == [StreamEventKind.FEED_RESET]
    later = await ana.publishes("And on")
    await settled(client)
    assert (await ben.feed())[:3] == [later, posts[2], posts[0]]


async def test_a_visit_is_noted_once_a_day_and_a_return_is_told_once(client: Client) -> None:
    for days, returns in ((0, 0), (2, 0), (27, 0), (28, 1), (0, 1)):
        await signs_in(client, "ben")
        await was_last_there(client, "ben", days=days)
        await signs_in(client, "ben")
        events = [event for event in await events_of(client.resources) if isinstance(event, PersonReturned)]
        assert len(events) == returns, days
    (visit,) = [row for row in await rows(client.resources, "visits") if row["owner_id"] == await client.user_id("ben")]
    assert client.resources.clock() - visit["last_at"] < timedelta(minutes=1)


async def test_who_returns_and_is_gone_before_the_job_is_done_does_it_no_harm(client: Client) -> None:
    await signs_in(client, "ben")
    await was_last_there(client, "ben", days=100)
    await signs_in(client, "ben")
    await drained(client.resources)
    ben_id = await client.user_id("ben")
    for table, column in (("users", "id"), ("follows", "owner_id"), ("feed_entries", "owner_id")):
        await client.resources.database.fetch(f"DELETE FROM {table} WHERE {column} = $1", ben_id)
    await run_all(client.resources, HANDLERS)
    assert await rows(client.resources, "dead_jobs") == []


async def test_a_feed_keeps_the_newest_posts_and_not_many_more(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    ben_id = await ben.user_id()
    posts: list[str] = []
    for _ in range(10):
        posts += [await ana.publishes() for _ in range(40)]
        await drained(client.resources)
    entries = await client.resources.database.fetch(
        "SELECT post_id FROM feed_entries WHERE owner_id = $1 ORDER BY post_id DESC", ben_id
    )
    kept = [row["post_id"] for row in entries]
    assert 100 <= len(kept) < 100 + 300
    newest = [key_of(post).id for post in reversed(posts)]
    assert kept[:100] == newest[:100]
