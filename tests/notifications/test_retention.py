"""Old and archived notifications are deleted in batches, and the counts stay right."""

from datetime import timedelta

import pytest

from services.maintenance import retention
from services.resources import Resources
from tests.notifications.support.inbox import Inbox, row_id, wrong_counts
from tests.support.client import Client
from tests.support.jobs import enqueued, rows, run_all
from workers.handlers import HANDLERS


async def aged(client: Client, notification: str, column: str, days: int) -> None:
    at = client.resources.clock() - timedelta(days=days)
    sql = f"UPDATE notifications SET {column} = $1 WHERE id = $2"
    await client.resources.database.fetch(sql, at, row_id(notification))


async def forget(resources: Resources, number: int = 1) -> None:
    await enqueued(resources, number, handler="forget_old")
    await run_all(resources, HANDLERS)


async def test_notifications_leave_after_a_year(client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(4)
    await inbox.act("MarkNotificationsSeen", told[0])
    await aged(client, told[0], "created_at", 366)
    await aged(client, told[1], "created_at", 366)
    await aged(client, told[2], "created_at", 364)
    await forget(client.resources)
    assert [node["id"] for node in await inbox.nodes()] == [told[3], told[2]]
    assert await inbox.counts() == {"unseen": 2, "unread": 2}
    assert await wrong_counts(client.resources) == []


async def test_archived_notifications_leave_after_a_month(client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(3)
    for each in told[:2]:
        await inbox.act("ArchiveNotification", each)
    await aged(client, told[0], "archived_at", 31)
    await aged(client, told[1], "archived_at", 29)
    await forget(client.resources)
    found = {row["id"] for row in await rows(client.resources, "notifications")}
    assert [row_id(each) in found for each in told] == [False, True, True]
    assert await inbox.counts() == {"unseen": 1, "unread": 1}


async def test_a_mark_leaves_after_the_notifications_that_it_marked(client: Client) -> None:
    inbox, fetch = Inbox(client), client.resources.database.fetch
    told = await inbox.fill(2)
    await inbox.act("MarkAllNotificationsRead", told[1])
    await fetch("UPDATE inbox_marks SET marked_at = $1", client.resources.clock() - timedelta(days=366))
    await aged(client, told[0], "created_at", 366)
    await forget(client.resources)
    assert len(await rows(client.resources, "inbox_marks")) == 2
    assert [node["readAt"] is None for node in await inbox.nodes()] == [False]
    await aged(client, told[1], "created_at", 366)
    for number in (2, 3):
        await forget(client.resources, number)
    assert await rows(client.resources, "inbox_marks") == []


async def test_batches_are_small(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    inbox = Inbox(client)
    for each in await inbox.fill(7):
        await aged(client, each, "created_at", 400)
    await forget(client.resources)
    assert (await inbox.nodes(), await inbox.counts()) == ([], {"unseen": 0, "unread": 0})
    assert await wrong_counts(client.resources) == []
