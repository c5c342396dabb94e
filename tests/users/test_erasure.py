"""Tests the erasure of a user with more rows than one run deletes."""

import pytest

from events import AccountErased, PostDeleted, UserUnfollowed
from services.users.erasure import erase
from services.users.erasure.erase import AT_ONCE
from tests.support.account import sign_in
from tests.support.client import Client
from tests.support.jobs import rows, run_due
from tests.support.kept import events_of
from tests.support.recount import recounted, shown
from tests.support.relay import drained
from tests.support.settings_screen import delete_account, everything_done
from tests.support.timing import no_hang
from workers.handlers import HANDLERS

POSTS, ENTRIES = 200, 4
_ROW = {"owner_id": "bigint", "id": "bigint", "place": "bigint"}
_FIRST = "FROM input_rows WHERE place = 1"
_PUBLISH = f"INSERT INTO posts (author_id, id, body, created_at, pulled) SELECT owner_id, id, 'One', $1, $2 {_FIRST}"
_BEGIN = (
    f"INSERT INTO streams (owner_id, id, epoch, last_place, first_place) SELECT owner_id, id, 1, {ENTRIES}, 1 {_FIRST}"
)
_TELL = (
    "INSERT INTO stream_entries (owner_id, stream_id, kind, subject_owner_id, subject_id, log_tx, log_id, "
    "occurred_at, place) SELECT owner_id, id, 'POST_CHANGED', owner_id, id, 0, 0, $1, place FROM input_rows"
)


@pytest.fixture
async def author(client: Client) -> int:
    """Gives ana more stream entries than one run deletes, in fewer streams."""
    database, now, ids = client.resources.database, client.resources.clock(), client.resources.ids
    owner_id = await client.user_id("ana")
    posts = [ids.next() for _ in range(POSTS)]
    rows = [(owner_id, post, place) for post in posts for place in range(1, ENTRIES + 1)]
    await database.fetch_with_rows(_PUBLISH, _ROW, rows, now, False)
    await database.fetch_with_rows(_BEGIN, _ROW, rows)
    await database.fetch_with_rows(_TELL, _ROW, rows, now)
    return owner_id


async def test_streams_of_which_a_part_is_left_are_told_what_happens_meanwhile(client: Client, author: int) -> None:
    token = (await sign_in(client, "ana"))["accessToken"]
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    await everything_done(client.resources)
    fetch = client.resources.database.fetch
    assert await fetch("SELECT type FROM dead_events") == []
    for table in ("streams", "stream_entries"):
        assert await fetch(f"SELECT 1 AS one FROM {table} WHERE owner_id = $1", author) == []
    expected = await recounted(client)
    assert await shown(client, list(expected)) == expected


async def test_it_waits_for_the_relay_and_ends_when_all_that_was_taken_back_is_projected(
    client: Client, author: int
) -> None:
    """Tests that the erasure waits, however long the relay is blocked."""
    token, resources = (await sign_in(client, "ana"))["accessToken"], client.resources
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    await drained(resources)
    for _ in range(9):
        await resources.database.fetch("UPDATE jobs SET due_at = $1", resources.clock())
        await run_due(resources, HANDLERS)
    assert [job["handler"] for job in await rows(resources, "jobs")] == ["erase_account"]
    assert len([post for post in await rows(resources, "posts") if post["author_id"] == author]) > POSTS - 2 * AT_ONCE
    assert AccountErased(actor_id=author) not in await events_of(resources)
    await everything_done(resources)
    assert (await events_of(resources))[-1] == AccountErased(actor_id=author)
    for table, owner in (("streams", "owner_id"), ("stream_entries", "owner_id"), ("popular_authors", "author_id")):
        assert [row for row in await rows(resources, table) if row[owner] == author] == []


async def test_what_was_written_late_leaves_no_stream_behind(client: Client) -> None:
    """Requests that were under way when the account was deleted wrote a post and began to follow a popular author."""
    token, resources = (await sign_in(client, "ana"))["accessToken"], client.resources
    ana, ben, now = await client.user_id("ana"), await client.user_id("ben"), resources.clock()
    await resources.database.fetch("INSERT INTO popular_authors VALUES ($1, $2)", ben, now)
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    async with no_hang():
        while [job["handler"] for job in await rows(resources, "jobs")] != ["erase_leftovers"]:
            await drained(resources)
            await run_due(resources, HANDLERS)
    late = resources.ids.next()
    await resources.database.fetch_with_rows(_PUBLISH, _ROW, [(ana, late, 1)], now, False)
    await resources.database.fetch("INSERT INTO follows VALUES ($1, $2, $3, $4)", ana, ben, late, now)
    await everything_done(resources)
    events = await events_of(resources)
    assert events[-1] == AccountErased(actor_id=ana)
    assert {PostDeleted(actor_id=ana, post_id=late), UserUnfollowed(actor_id=ana, followee_id=ben)} <= set(events)
    for table in ("streams", "stream_entries", "feed_entries"):
        assert [row for row in await rows(resources, table) if row["owner_id"] == ana] == []


async def test_a_stream_of_which_a_part_is_left_says_where_it_begins(
    client: Client, author: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that a client learns that stream entries after its offset are gone."""
    monkeypatch.setattr(erase, "AT_ONCE", 10)
    token, resources = (await sign_in(client, "ana"))["accessToken"], client.resources
    await delete_account(client, token, "open-sesame-ana", giveUpBalance=True)
    partial = 0
    for _ in range(4):
        await drained(resources)
        await resources.database.fetch("UPDATE jobs SET due_at = $1", resources.clock())
        await run_due(resources, HANDLERS)
        streams = await resources.database.fetch(
            "SELECT s.id, s.first_place, s.last_place, MIN(e.place) AS front, COUNT(e.place) AS kept FROM streams s "
            "LEFT JOIN stream_entries e ON e.owner_id = s.owner_id AND e.stream_id = s.id WHERE s.owner_id = $1 "
            "GROUP BY s.id, s.first_place, s.last_place",
            author,
        )
        partial += sum(0 < row["kept"] < row["last_place"] for row in streams)
        for row in streams:
            assert row["kept"] == row["last_place"] - row["first_place"] + 1, row
            assert row["front"] in (None, row["first_place"])
    assert partial
