"""Counts the statements of live operations."""

import pytest

from core.settings import Settings
from gateway.live import delivery_queue
from services.live import hub
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import SYNC, Following
from tests.support.statements import recorded
from tests.support.timing import settings_for

_KINDS = {
    "SELECT p.id, p.author_id, p.body, ": "posts",
    "SELECT n.owner_id, n.id, n.kind, ": "notifications",
    "SELECT owner_id, other_id, outgoing FROM blocks": "blocks",
    "SELECT u.id, (COALESCE(n.unseen": "counts",
    "JOIN streams s ON s.owner_id = g.owner_id": "streams",
}
_OF_RELAY = (
    "relay_positions",
    "event_log",
    "notification_groups",
    "INSERT INTO",
    "UPDATE ",
    "DELETE FROM",
    "popular_authors",
    "g JOIN notifications",
)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Wake-ups do not come back from a server, so each is received once, as from a worker."""
    return settings_for(database_url, bus_url="memory://")


@pytest.fixture(autouse=True)
def no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams are read when the bus names them, and not at intervals."""
    for name in ("_POLL_SECONDS", "_POLL_SECONDS_WITH_BUS"):
        monkeypatch.setattr(hub, name, 3600.0)


async def test_a_subscription_begins_with_one_statement(following: Following, client: Client) -> None:
    post = await App(client, "ben").publishes()
    async with following.socket("ana") as socket:
        with recorded() as statements:
            await following.follow_viewer(socket)
        assert len(statements) == 1, statements
        with recorded() as statements:
            await following.follow_post(socket, post, subscription_id="2")
        assert len(statements) == 1, statements


async def test_a_subscription_resumes_with_one_statement(following: Following, client: Client) -> None:
    async with following.viewer("ana") as ana:
        await App(client, "ben").publishes()
        await following.project()
        await ana.event()
    async with following.socket("ana") as socket:
        with recorded() as statements:
            await following.follow_viewer(socket, ana.cursor)
        assert len(statements) == 1, statements


async def test_posts_that_arrive_together_take_one_statement_for_each_type(
    following: Following, client: Client
) -> None:
    ben = App(client, "ben")
    async with following.viewer("ana") as ana, following.viewer("chi") as chi:
        for body in ("1", "2", "3"):
            await ben.publishes(body)
        with recorded() as statements:
            await following.project()
            for user in (ana, chi):
                assert [event["post"]["body"] for event in await user.events(3)] == ["1", "2", "3"]
    kinds = [kind for sql in statements if (kind := _kind(sql))]
    assert sorted(kinds) == ["blocks", "posts", "streams"], statements


async def test_deliveries_beyond_a_part_arrive_too_with_a_statement_for_each_part(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_queue, "_PART", 1)
    async with following.viewer("ana") as ana, following.viewer("chi") as chi:
        await App(client, "ben").publishes("1")
        with recorded() as statements:
            await following.project()
            assert [(await user.event())["post"]["body"] for user in (ana, chi)] == ["1", "1"]
    kinds = [kind for sql in statements if (kind := _kind(sql))]
    assert sorted(kinds) == ["blocks", "blocks", "posts", "posts", "streams"], statements


async def test_a_notification_takes_one_statement_for_itself_and_one_for_the_counts(
    following: Following, client: Client
) -> None:
    post = await App(client, "ana").publishes()
    await following.project()
    async with following.viewer("ana") as ana:
        await App(client, "ben").does("LikePost", postId=post)
        with recorded() as statements:
            await following.project()
            event = await ana.event()
    assert event["notification"]["kind"] == "LIKE"
    assert event["counts"]["unread"] > 0
    kinds = [kind for sql in statements if (kind := _kind(sql))]
    assert sorted(kinds) == ["counts", "notifications", "streams"], statements


async def test_sync_of_an_empty_range_takes_one_statement(client: Client) -> None:
    token = await client.token("ana")
    cursor = (await client.post(SYNC, token=token)).json()["data"]["sync"]["cursor"]
    with recorded() as statements:
        page = (await client.post(SYNC, {"since": cursor}, token=token)).json()["data"]["sync"]
    assert page == {"cursor": cursor, "hasMore": False, "reset": False, "changes": []}
    assert len(statements) == 1, statements


def _kind(sql: str) -> str | None:
    """Returns the kind of a statement that delivers events, None for those of the relay, and any other as it is."""
    for part, kind in _KINDS.items():
        if part in sql:
            return kind
    return None if any(part in sql for part in _OF_RELAY) else sql
