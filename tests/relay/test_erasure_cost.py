"""The erasure of a popular account writes as much for few followers as for ten times as many."""

import re
from collections import Counter
from typing import NamedTuple

import pytest

from core.global_ids import read_global_id
from core.settings import Settings
from services.event_log.counts import CountChange, add_to_totals
from tests.support.account import DEVICE, act
from tests.support.client import Client, operation
from tests.support.jobs import rows, run_due
from tests.support.relay import drained
from tests.support.settings_screen import delete_account
from tests.support.statements import recorded
from tests.support.timing import settings_for
from workers.handlers import HANDLERS

PASSWORD = "correct-horse-battery-staple"
POSTS = 20
FEW, MANY = 4, 40
_FOLLOW = {"owner_id": "bigint", "followee_id": "bigint", "id": "bigint"}
_FOLLOWS = (
    "INSERT INTO follows (owner_id, followee_id, id, created_at) SELECT owner_id, followee_id, id, $1 FROM input_rows"
)
_WRITES = re.compile(r"(?:INSERT INTO|(?<!FOR )UPDATE|DELETE FROM) \w+")
"""Statements whose number depends on other transactions: a relay polls with `SELECT … FOR UPDATE`."""


class Cost(NamedTuple):
    """Holds the number of writes by kind, of events by type, and of stream entries by kind."""

    writes: Counter[str]
    events: Counter[str]
    entries: Counter[str]


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, push_followers=FEW - 1)


async def test_deleted_posts_of_an_erased_account_cost_the_same_however_many_follow_it(client: Client) -> None:
    few, many = await erasure(client, "few", FEW), await erasure(client, "many", MANY)
    assert few.writes == many.writes
    for cost, followers in ((few, FEW), (many, MANY)):
        assert cost.events == {"PostDeleted": POSTS, "FollowEnded": followers}
        assert cost.entries == {
            "POST_REMOVED": POSTS,
            "FEED_POST_REMOVED": POSTS,
            "FEED_RESET_BY_FOLLOW_ENDED": followers,
        }


async def erasure(client: Client, handle: str, followers: int) -> Cost:
    """Erases an account with `POSTS` pulled posts, and returns the cost."""
    token = await popular(client, handle, followers)
    await delete_account(client, token, PASSWORD)
    await drained(client.resources)
    before = {event["id"] for event in await rows(client.resources, "event_log")}
    with recorded() as made:
        while any(job["handler"] == "erase_account" for job in await rows(client.resources, "jobs")):
            await client.resources.database.fetch("UPDATE jobs SET due_at = $1", client.resources.clock())
            await run_due(client.resources, HANDLERS)
            await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM jobs")
    events = [event for event in await rows(client.resources, "event_log") if event["id"] not in before]
    ids = {event["id"] for event in events}
    entries = [entry for entry in await rows(client.resources, "stream_entries") if entry["log_id"] in ids]
    return Cost(
        Counter(write for sql in made for write in _WRITES.findall(sql)),
        Counter(event["type"] for event in events),
        Counter(entry["kind"] for entry in entries),
    )


async def popular(client: Client, handle: str, followers: int) -> str:
    """Returns the access token of an account with this number of followers, and with posts in none of their feeds."""
    sent = {"email": f"{handle}@example.com", "password": PASSWORD, "handle": handle, "name": handle, "device": DEVICE}
    answer = await act(client, "SignUp", sent)
    user_id, token = read_global_id(answer["user"]["id"], "id").id, answer["session"]["accessToken"]
    database, ids, now = client.resources.database, client.resources.ids, client.resources.clock()
    people = [row["id"] for row in await rows(client.resources, "users") if row["id"] != user_id][:followers]
    assert len(people) == followers
    async with database.transaction() as transaction:
        await transaction.fetch_with_rows(_FOLLOWS, _FOLLOW, [(each, user_id, ids.next()) for each in people], now)
        await add_to_totals(transaction, [CountChange(user_id, user_id, "followers", followers)])
    for number in range(POSTS):
        answer = await client.post(
            operation("feed.graphql", "PublishPost"), {"input": {"body": f"Number {number}"}}, token=token
        )
        assert answer.json()["data"]["publishPost"]["__typename"] == "PublishPostSuccess"
    await drained(client.resources)
    posts = await rows(client.resources, "posts")
    assert sum(post["pulled"] for post in posts if post["author_id"] == user_id) == POSTS
    return token
