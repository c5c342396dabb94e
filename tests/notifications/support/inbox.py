"""Sends the operations of an inbox as its owner's app does, and counts its notifications anew."""

from typing import Any

from core.global_ids import global_id, read_global_id
from services.event_log.counts import CountChange, add_to_totals
from services.resources import Resources
from tests.support.client import Client, operation
from tests.support.feed import field_of

MARKS = ("MarkNotificationsSeen", "MarkAllNotificationsRead")
"""The mutations of all notifications up to one."""

RECOUNT = """
SELECT c.owner_id, c.unseen, c.unread,
  (SELECT COUNT(*) FROM notifications n WHERE n.owner_id = c.owner_id AND n.archived_at IS NULL AND n.seen_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM inbox_marks m WHERE m.owner_id = n.owner_id AND m.kind = 'SEEN' AND m.up_to >= n.id)
  ) AS counted_unseen,
  (SELECT COUNT(*) FROM notifications n WHERE n.owner_id = c.owner_id AND n.archived_at IS NULL AND n.read_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM inbox_marks m WHERE m.owner_id = n.owner_id AND m.kind = 'READ' AND m.up_to >= n.id)
  ) AS counted_unread
FROM notification_counts c
"""
"""The stored counts of each inbox, and the same counted in its notifications and marks, in one snapshot."""

_INSERT = (
    "INSERT INTO notifications (owner_id, id, kind, actor_count, created_at) VALUES ($1, $2, 'PAYMENT_FAILED', 1, $3)"
)


class Inbox:
    """The inbox of a user, as the app of that user sees it."""

    def __init__(self, client: Client, handle: str = "ana") -> None:
        self.client = client
        self.handle = handle

    async def act(self, name: str, given: str | dict[str, Any]) -> dict[str, Any]:
        """Returns the result of a mutation. An id is the only field of the input."""
        field = "upTo" if name in MARKS else "notificationId"
        sent = {field: given} if isinstance(given, str) else given
        document = operation("notifications.graphql", name)
        return (await self.client.data(document, {"input": sent}, as_=self.handle))[field_of(name)]

    async def nodes(self, first: int = 100, **chosen: Any) -> list[dict[str, Any]]:
        """Returns the notifications of the first page, newest first."""
        variables = {"first": first, "filter": chosen or None}
        document = operation("notifications.graphql", "Inbox")
        viewer = (await self.client.data(document, variables, as_=self.handle))["viewer"]
        return [edge["node"] for edge in viewer["notifications"]["edges"]]

    async def counts(self) -> dict[str, int]:
        query = "{ viewer { notificationCounts { unseen unread } } }"
        return (await self.client.data(query, as_=self.handle))["viewer"]["notificationCounts"]

    async def preferences(self) -> dict[str, Any]:
        document = operation("notifications.graphql", "Inbox")
        return (await self.client.data(document, as_=self.handle))["viewer"]["notificationPreferences"]

    async def fill(self, number: int) -> list[str]:
        """Replaces the inbox by new unseen notifications, and returns their ids, oldest first."""
        resources, owner_id = self.client.resources, await self.client.user_id(self.handle)
        await resources.database.fetch("DELETE FROM notifications WHERE owner_id = $1", owner_id)
        await resources.database.fetch(
            "UPDATE notification_counts SET unseen = 0, unread = 0 WHERE owner_id = $1", owner_id
        )
        return [await self.tell() for _ in range(number)]

    async def tell(self) -> str:
        """Adds a notification of now, as the relay does, and returns its id."""
        resources, owner_id = self.client.resources, await self.client.user_id(self.handle)
        row_id = resources.ids.next()
        async with resources.database.transaction() as transaction:
            await transaction.fetch(_INSERT, owner_id, row_id, resources.clock())
            await add_to_totals(
                transaction, [CountChange(owner_id, owner_id, name, 1) for name in ("unseen", "unread")]
            )
        return global_id("Notification", owner_id, row_id)


def row_id(text: str) -> int:
    return read_global_id(text, "id").id


async def wrong_counts(resources: Resources) -> list[dict[str, int]]:
    """Returns the inboxes whose counts differ from their notifications."""
    rows = await resources.database.fetch(RECOUNT)
    return [row for row in rows if (row["unseen"], row["unread"]) != (row["counted_unseen"], row["counted_unread"])]
