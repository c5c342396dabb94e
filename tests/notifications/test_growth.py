"""A notification that grows is announced at most once a second, and pushed at most three times."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.global_ids import GlobalId, read_global_id
from core.settings import Settings
from core.viewer import SignedIn
from services.feed import like_post
from services.relay.projections.growth import GROWTH_INTERVAL
from services.resources import Resources
from services.unit_of_work import in_unit_of_work
from tests.notifications.support.inbox import Inbox
from tests.support.app import App
from tests.support.client import Client
from tests.support.deliveries import announce_growth, prefer
from tests.support.fake_fcm import FakeFcm
from tests.support.notifications import nodes, received
from tests.support.relay import drained
from tests.support.timing import no_hang, until
from workers import run_jobs, run_relay

LIKERS = 1000
_CONCURRENT = 8
_ANNOUNCED = (
    "SELECT e.occurred_at FROM stream_entries e "
    "JOIN notifications n ON n.owner_id = e.owner_id AND n.id = e.subject_id "
    "WHERE e.owner_id = $1 AND e.stream_id = $1 AND e.kind = 'NOTIFICATION_RECEIVED' ORDER BY e.place"
)


@pytest.fixture
def settings(settings: Settings, fcm: FakeFcm) -> Settings:
    return replace(settings, push_url=fcm.url)


@pytest.mark.usefixtures("ben")
async def test_what_joins_a_notification_is_announced_together(client: Client) -> None:
    post = await App(client, "ben").publishes()
    for handle in ("chi", "lina", "dia"):
        await App(client, handle).does("LikePost", postId=post)
        await drained(client.resources)
    (notification,) = await nodes(client, "ben")
    assert (notification["actorCount"], await announcements(client, notification)) == (3, 1)
    assert await announce_growth(client.resources) == 1
    assert await announcements(client, notification) == 2
    assert await announce_growth(client.resources) == 0


@pytest.mark.usefixtures("ben")
async def test_an_archived_notification_is_not_announced_again(client: Client) -> None:
    post = await App(client, "ben").publishes()
    for handle in ("chi", "lina"):
        await App(client, handle).does("LikePost", postId=post)
        await drained(client.resources)
    (notification,) = await nodes(client, "ben")
    await Inbox(client, "ben").act("ArchiveNotification", notification["id"])
    assert await announce_growth(client.resources) == 1
    assert await announcements(client, notification) == 1


async def test_a_thousand_likes_are_one_notification_with_few_events_and_pushes(
    client: Client, ben: int, fcm: FakeFcm
) -> None:
    resources, post = client.resources, read_global_id(await App(client, "ben").publishes(), "id")
    unseen, unread = await App(client, "ben").badge()
    await prefer(resources, ben, "LIKE", push=True, email=False)
    likers = await add_likers(resources)
    loops = [asyncio.create_task(run_relay(resources)), asyncio.create_task(run_jobs(resources))]
    try:
        await like(resources, likers, post)
        async with no_hang():
            while not await is_announced(resources, ben):  # noqa: ASYNC110 - other transactions do it
                await asyncio.sleep(0.05)
            await until(lambda: fcm.messages)
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.wait(loops)
    (notification,) = await nodes(client, "ben")
    assert notification["text"].endswith(" and 999 others liked your post.")
    assert notification["actorCount"] == LIKERS
    assert await App(client, "ben").badge() == (unseen + 1, unread + 1)
    announced = [row["occurred_at"] for row in await resources.database.fetch(_ANNOUNCED, ben)]
    assert 2 <= len(announced) <= 2 + (announced[-1] - announced[0]) / GROWTH_INTERVAL
    assert 1 <= len(fcm.messages) <= 3


async def announcements(client: Client, notification: dict[str, Any]) -> int:
    """Returns the number of events about a notification in the stream of `ben`."""
    return (await received(client, "ben")).count(read_global_id(notification["id"], "id").id)


async def add_likers(resources: Resources) -> list[int]:
    """Adds users, and returns their ids."""
    now, ids = resources.clock(), [resources.ids.next() for _ in range(LIKERS)]
    async with resources.database.transaction() as transaction:
        rows = ((key, f"liker{number}", f"Liker {number}", now) for number, key in enumerate(ids))
        await transaction.copy("users", ("id", "handle", "name", "created_at"), rows)
    return ids


async def like(resources: Resources, likers: list[int], post: GlobalId) -> None:
    """Likes a post by several users at the same time, until all have liked it."""
    waiting = iter(likers)

    async def like_in_turn() -> None:
        for liker in waiting:
            viewer = SignedIn(liker, 1)
            await in_unit_of_work(
                resources, lambda work, viewer=viewer: like_post(viewer, work, resources, post), viewer
            )

    await asyncio.gather(*(like_in_turn() for _ in range(_CONCURRENT)))


async def is_announced(resources: Resources, owner_id: int) -> bool:
    """Returns whether all likes are in the notification, and an event after them has announced it."""
    notifications = await resources.database.fetch(
        "SELECT actor_count FROM notifications WHERE owner_id = $1", owner_id
    )
    waiting = await resources.database.fetch("SELECT 1 AS one FROM jobs WHERE handler = 'announce_growth'")
    behind = await resources.database.fetch(
        "SELECT 1 AS one FROM event_log WHERE type = 'NotificationGrew' AND id > (SELECT MAX(e.log_id) "
        "FROM stream_entries e WHERE e.owner_id = $1 AND e.stream_id = $1)",
        owner_id,
    )
    return [row["actor_count"] for row in notifications] == [LIKERS] and not waiting and not behind
