"""Notifications become seen, read and archived, once, for their owner alone."""

import asyncio
from typing import Any

import pytest

from core.global_ids import global_id
from events import NotificationArchived, NotificationRead, NotificationsRead, NotificationsSeen
from tests.notifications.support.inbox import MARKS, Inbox, row_id, wrong_counts
from tests.support.client import Client, operation
from tests.support.feed import field_of
from tests.support.kept import events_of, snapshot

SINGLE = ("MarkNotificationRead", "ArchiveNotification")
ALL = (*MARKS, *SINGLE)
_MILLISECONDS = 0.005
"""Times in responses have the precision of a millisecond."""


async def test_a_mark_makes_everything_up_to_a_notification_seen(client: Client) -> None:
    inbox, ana = Inbox(client), await client.user_id("ana")
    told = await inbox.fill(4)
    answer = await inbox.act("MarkNotificationsSeen", told[2])
    assert answer == {"__typename": "MarkNotificationsSeenSuccess", "counts": {"unseen": 1, "unread": 4}}
    assert await inbox.counts() == {"unseen": 1, "unread": 4}
    nodes = await inbox.nodes()
    assert [(node["id"], node["seenAt"] is None, node["readAt"]) for node in nodes] == [
        (told[3], True, None),
        (told[2], False, None),
        (told[1], False, None),
        (told[0], False, None),
    ]
    assert await events_of(client.resources) == [NotificationsSeen(actor_id=ana, up_to=row_id(told[2]))]
    assert await wrong_counts(client.resources) == []


async def test_later_marks_keep_the_time_at_which_a_notification_was_first_seen(client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(2)
    await inbox.act("MarkNotificationsSeen", told[0])
    (first,) = [node["seenAt"] for node in await inbox.nodes() if node["id"] == told[0]]
    for name in MARKS:
        await asyncio.sleep(_MILLISECONDS)
        await inbox.act(name, told[1])
    newest, oldest = await inbox.nodes()
    assert oldest["seenAt"] == first
    assert newest["seenAt"] > first
    assert newest["readAt"] == oldest["readAt"] > newest["seenAt"]


async def test_marking_all_as_read_leaves_later_ones_unread_and_unseen(client: Client) -> None:
    inbox, ana = Inbox(client), await client.user_id("ana")
    told = await inbox.fill(3)
    answer = await inbox.act("MarkAllNotificationsRead", told[1])
    assert answer == {"__typename": "MarkAllNotificationsReadSuccess", "counts": {"unseen": 1, "unread": 1}}
    assert [node["id"] for node in await inbox.nodes(unreadOnly=True)] == [told[2]]
    assert [node["id"] for node in await inbox.nodes(unreadOnly=True, kinds=["PAYMENT_FAILED"])] == [told[2]]
    assert await events_of(client.resources) == [NotificationsRead(actor_id=ana, up_to=row_id(told[1]))]
    assert await wrong_counts(client.resources) == []


async def test_reading_a_notification_implies_that_it_was_seen(client: Client) -> None:
    inbox, ana = Inbox(client), await client.user_id("ana")
    told = await inbox.fill(2)
    answer = await inbox.act("MarkNotificationRead", told[0])
    (read,) = [node for node in await inbox.nodes() if node["id"] == told[0]]
    assert read["seenAt"] == read["readAt"] is not None
    shown = {name: read[name] for name in ("id", "seenAt", "readAt")}
    assert answer == {
        "__typename": "MarkNotificationReadSuccess",
        "notification": shown,
        "counts": {"unseen": 1, "unread": 1},
    }
    assert await events_of(client.resources) == [NotificationRead(actor_id=ana, notification_id=row_id(told[0]))]


async def test_a_seen_notification_that_is_read_keeps_the_time_of_its_mark(client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(1)
    await inbox.act("MarkNotificationsSeen", told[0])
    (seen,) = await inbox.nodes()
    await asyncio.sleep(_MILLISECONDS)
    answer = await inbox.act("MarkNotificationRead", told[0])
    assert answer["notification"]["seenAt"] == seen["seenAt"] < answer["notification"]["readAt"]
    assert answer["counts"] == {"unseen": 0, "unread": 0}
    assert (await inbox.nodes())[0]["seenAt"] == seen["seenAt"]


async def test_an_archived_notification_leaves_list_and_counts(client: Client) -> None:
    inbox, ana = Inbox(client), await client.user_id("ana")
    told = await inbox.fill(3)
    await inbox.act("MarkNotificationsSeen", told[0])
    for number, counts in ((0, {"unseen": 2, "unread": 2}), (2, {"unseen": 1, "unread": 1})):
        answer = await inbox.act("ArchiveNotification", told[number])
        expected = {"__typename": "ArchiveNotificationSuccess", "notificationId": told[number], "counts": counts}
        assert answer == expected
    assert [node["id"] for node in await inbox.nodes()] == [told[1]]
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await client.data(query, {"id": told[0]}, as_="ana"))["node"] is None
    emitted = (await events_of(client.resources))[-1]
    assert emitted == NotificationArchived(actor_id=ana, notification_id=row_id(told[2]))
    assert await wrong_counts(client.resources) == []


@pytest.mark.parametrize("name", ALL)
async def test_repeating_is_the_same_as_once(client: Client, name: str) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(3)
    answer = await inbox.act(name, told[1])
    before = await snapshot(client.resources)
    assert await inbox.act(name, told[1]) == answer
    assert await snapshot(client.resources) == before


async def test_marking_up_to_an_older_notification_changes_nothing(client: Client) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(3)
    await inbox.act("MarkAllNotificationsRead", told[2])
    before = await snapshot(client.resources)
    for name in (*MARKS, "MarkNotificationRead"):
        assert (await inbox.act(name, told[0]))["counts"] == {"unseen": 0, "unread": 0}
    assert await snapshot(client.resources) == before


async def test_marks_are_of_one_inbox(client: Client) -> None:
    ana, ben = Inbox(client), Inbox(client, "ben")
    anas, bens = await ana.fill(2), await ben.fill(2)
    await ana.act("MarkAllNotificationsRead", anas[1])
    assert await ben.counts() == {"unseen": 2, "unread": 2}
    assert [node["id"] for node in await ben.nodes(unreadOnly=True)] == bens[::-1]


async def invalid_ids(client: Client) -> dict[str, str]:
    """Returns ids that no mutation of ana's accepts, by what is wrong with them."""
    ana, inbox = await client.user_id("ana"), Inbox(client)
    told = await inbox.fill(2)
    (foreign,) = await Inbox(client, "ben").fill(1)
    await inbox.act("ArchiveNotification", told[0])
    return {
        "foreign": foreign,
        "unknown": global_id("Notification", ana, row_id(told[1]) + 1),
        "archived": told[0],
        "of another type": global_id("Post", ana, row_id(told[1])),
        "malformed": "junk",
        "empty": "",
        "not canonical": f"{told[1]}=",
    }


@pytest.mark.parametrize("name", ALL)
async def test_an_id_that_names_no_notification_of_the_inbox_is_a_problem_and_changes_nothing(
    client: Client, name: str
) -> None:
    given, field = await invalid_ids(client), "input.upTo" if name in MARKS else "input.notificationId"
    before, events = await snapshot(client.resources), await events_of(client.resources)
    found: dict[str, Any] = {}
    for wrong, each in given.items():
        if not (wrong == "archived" and name == "ArchiveNotification"):
            answer = await Inbox(client).act(name, each)
            assert answer.pop("message")
            found[wrong] = answer
    missing = {"__typename": "NotFoundProblem", "code": "NOT_FOUND", "field": field}
    invalid = {"__typename": "InvalidInputProblem", "code": "INVALID_INPUT", "field": field}
    assert found == {wrong: missing if wrong in ("foreign", "unknown", "archived") else invalid for wrong in found}
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


@pytest.mark.parametrize("name", ALL)
async def test_only_a_signed_in_user_marks(client: Client, name: str) -> None:
    (told,) = await Inbox(client).fill(1)
    before = await snapshot(client.resources)
    sent = {"upTo" if name in MARKS else "notificationId": told}
    answer = await client.ask(operation("notifications.graphql", name), {"input": sent})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer["data"] == {field_of(name): None}
    assert await snapshot(client.resources) == before


async def test_a_user_without_an_inbox_has_nothing_to_mark(client: Client) -> None:
    await client.resources.database.fetch("DELETE FROM notification_counts")
    ana = await client.user_id("ana")
    answer = await Inbox(client).act("MarkNotificationsSeen", global_id("Notification", ana, 1))
    assert answer["code"] == "NOT_FOUND"
