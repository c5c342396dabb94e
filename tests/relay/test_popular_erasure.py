"""Tests the erasure of a popular author: its cost for the relay, and the stream entries of followers."""

import re
from typing import Any

import orjson
import pytest

from core.settings import Settings
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEventKind
from tests.support.account import sign_in
from tests.support.app import App, key_of, stream_of
from tests.support.client import Client
from tests.support.jobs import rows
from tests.support.relay import drained
from tests.support.settings_screen import delete_account, everything_done
from tests.support.statements import recorded_with_values
from tests.support.timing import settings_for

POSTS = 30
_HOLDERS = re.compile("WITH input_rows .*held.* DELETE FROM feed_entries")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, push_followers=3)


def looked_through(made: list[tuple[str, Any]]) -> int:
    """Returns the number of deleted posts that the relay searched for in the feeds of all followers."""
    found = 0
    for sql, values in made:
        if _HOLDERS.search(sql):
            found += sum(values[2] if len(values) == 3 else (held for _, _, held in orjson.loads(values[0])))
    return found


async def test_deleted_posts_of_a_popular_author_are_looked_for_in_no_followers_feed(client: Client) -> None:
    ana = App(client, "ana")
    posts = [await ana.publishes(f"One {number}") for number in range(POSTS)]
    await drained(client.resources)
    token = (await sign_in(client, "ana"))["accessToken"]
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    with recorded_with_values() as made:
        await everything_done(client.resources)
    assert any(_HOLDERS.search(sql) for sql, _ in made)
    assert looked_through(made) == 0
    told = [
        entry.subject
        for entry in await stream_of(client, POPULAR_STREAM)
        if entry.kind is StreamEventKind.FEED_POST_REMOVED
    ]
    assert {key_of(post) for post in posts} <= set(told)
    for table in ("popular_authors", "user_counts", "blocks"):
        assert await rows_of(client, table, key_of(posts[0]).owner_id) == []


async def test_followers_of_an_erased_popular_author_are_told_that_their_feeds_have_changed(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    await ana.publishes()
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM feed_entries WHERE author_id = $1", await ana.user_id())
    ben_id = await ben.user_id()
    token = (await sign_in(client, "ana"))["accessToken"]
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    await everything_done(client.resources)
    assert [entry.kind for entry in await stream_of(client, RowKey(ben_id, ben_id))].count(
        StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED
    ) == 1


async def rows_of(client: Client, table: str, owner_id: int) -> list[dict[str, object]]:
    column = {"popular_authors": "author_id", "user_counts": "user_id", "blocks": "owner_id"}[table]
    return [row for row in await rows(client.resources, table) if row[column] == owner_id]
