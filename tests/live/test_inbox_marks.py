"""Marks of one device reach the other devices of the user as new counts."""

import pytest

from tests.notifications.support.inbox import Inbox
from tests.support.client import Client
from tests.support.followers import Following


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("MarkNotificationsSeen", {"unseen": 1, "unread": 3}),
        ("MarkAllNotificationsRead", {"unseen": 1, "unread": 1}),
        ("MarkNotificationRead", {"unseen": 2, "unread": 2}),
        ("ArchiveNotification", {"unseen": 2, "unread": 2}),
    ],
)
async def test_other_devices_receive_the_new_counts(
    following: Following, client: Client, name: str, counts: dict[str, int]
) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(3)
    await following.project()
    async with following.viewer("ana") as device:
        assert (await inbox.act(name, told[1]))["counts"] == counts
        await following.project()
        assert await device.event() == {"__typename": "NotificationCountsChanged", "counts": counts}


async def test_other_users_receive_nothing(following: Following, client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(1)
    await following.project()
    async with following.viewer("ben") as ben:
        await inbox.act("MarkNotificationsSeen", told[0])
        await following.project()
        bens = Inbox(client, "ben")
        (own,) = await bens.fill(1)
        await bens.act("MarkNotificationsSeen", own)
        await following.project()
        assert (await ben.event())["counts"] == {"unseen": 0, "unread": 1}


async def test_a_repeated_mark_announces_nothing(following: Following, client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(2)
    await inbox.act("MarkNotificationsSeen", told[0])
    await following.project()
    async with following.viewer("ana") as device:
        await inbox.act("MarkNotificationsSeen", told[0])
        await inbox.act("MarkNotificationRead", told[1])
        await following.project()
        assert (await device.event())["counts"] == {"unseen": 0, "unread": 1}
