"""The number of statements of each mutation of notifications, at first and when it is repeated."""

from typing import Any, NamedTuple

import pytest

from tests.notifications.support.inbox import Inbox
from tests.support.client import Client, operation
from tests.support.feed import field_of


class Write(NamedTuple):
    """Describes a mutation that ana sends repeatedly. `TOLD` is the id of a notification."""

    name: str
    sent: dict[str, Any]
    statements: tuple[int, ...]
    typename: str


CHANNEL = {"kind": "LIKE", "inApp": False, "push": False, "email": False}
HOURS = {"start": "22:00", "end": "06:30", "timeZone": "Asia/Tokyo"}

WRITES = [
    # The inbox, the notification, the positions, the marks, the log; then the counts. Repeated, nothing is written.
    Write("MarkNotificationsSeen", {"upTo": "TOLD"}, (6, 3, 3), "MarkNotificationsSeenSuccess"),
    Write("MarkAllNotificationsRead", {"upTo": "TOLD"}, (6, 3, 3), "MarkAllNotificationsReadSuccess"),
    # The inbox, the notification as it is and as it becomes, the counts, the log; then the counts are read.
    Write("MarkNotificationRead", {"notificationId": "TOLD"}, (6, 3, 3), "MarkNotificationReadSuccess"),
    Write("ArchiveNotification", {"notificationId": "TOLD"}, (6, 3, 3), "ArchiveNotificationSuccess"),
    Write("MarkNotificationsSeen", {"upTo": "junk"}, (0, 0), "InvalidInputProblem"),
    # The account, the channels, the hours, the log; then the preferences. Repeated, nothing is logged.
    Write(
        "UpdateNotificationPreferences",
        {"channels": [CHANNEL], "quietHours": HOURS},
        (5, 4, 4),
        "UpdateNotificationPreferencesSuccess",
    ),
    Write("UpdateNotificationPreferences", {"channels": [CHANNEL] * 2}, (0, 0), "InvalidInputProblem"),
]


@pytest.mark.parametrize("write", WRITES, ids=[f"{write.name}-{number}" for number, write in enumerate(WRITES)])
async def test_a_mutation_takes_the_same_statements_on_every_engine_and_for_every_number(
    client: Client, statements: list[str], write: Write
) -> None:
    token = await client.token("ana")
    for number in (1, 50):
        told = await Inbox(client).fill(number)
        sent = {name: told[-1] if value == "TOLD" else value for name, value in write.sent.items()}
        taken: list[int] = []
        for _ in write.statements:
            statements.clear()
            document = operation("notifications.graphql", write.name)
            answer = (await client.post(document, {"input": sent}, token=token)).json()
            assert answer["data"][field_of(write.name)]["__typename"] == write.typename, answer
            taken.append(len(statements))
        assert tuple(taken) == write.statements, "\n".join(statements)
        await client.resources.database.fetch("DELETE FROM channel_preferences")
        await client.resources.database.fetch("DELETE FROM quiet_hours")
