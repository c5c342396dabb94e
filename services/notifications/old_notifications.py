"""Deletes old notifications of all inboxes."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from adapters.database import Queries

_OLD = "SELECT n.owner_id, n.id FROM notifications n WHERE n.created_at < $1 ORDER BY n.created_at LIMIT $2"
_OWNER = {"owner_id": "bigint"}
_LOCK = (
    "SELECT c.owner_id, c.seen_up_to, c.read_up_to FROM input_rows g "
    "JOIN notification_counts c ON c.owner_id = g.owner_id ORDER BY c.owner_id FOR UPDATE OF c"
)
_KEY = {"owner_id": "bigint", "id": "bigint"}
_DELETE = (
    "DELETE FROM notifications WHERE (owner_id, id) IN (SELECT g.owner_id, g.id FROM input_rows g) AND created_at < $1 "
    "RETURNING owner_id, id, seen_at, read_at, archived_at"
)
_COUNTED = {"owner_id": "bigint", "unseen": "bigint", "unread": "bigint"}
_COUNT = (
    "UPDATE notification_counts SET unseen = notification_counts.unseen - g.unseen, "
    "unread = notification_counts.unread - g.unread FROM input_rows g WHERE notification_counts.owner_id = g.owner_id"
)


class Deleted(NamedTuple):
    """The number of notifications that were deleted, and the owners of those that were listed."""

    notifications: int
    owners: Collection[int]


async def delete_old_notifications(transaction: Queries, before: datetime, max_notifications: int) -> Deleted:
    """Deletes up to `max_notifications` notifications of before an instant, also unread ones, and corrects the counts.

    Inboxes are locked first, in the order of their owners, as relays do.
    """
    found = [(row["owner_id"], row["id"]) for row in await transaction.fetch(_OLD, before, max_notifications)]
    owners = sorted({owner_id for owner_id, _ in found})
    inboxes = {
        row["owner_id"]: row for row in await transaction.fetch_with_rows(_LOCK, _OWNER, [(each,) for each in owners])
    }
    deleted = await transaction.fetch_with_rows(_DELETE, _KEY, found, before)
    listed = [row for row in deleted if row["archived_at"] is None and row["owner_id"] in inboxes]
    unseen = Counter(row["owner_id"] for row in listed if _is_counted(row, "seen", inboxes))
    unread = Counter(row["owner_id"] for row in listed if _is_counted(row, "read", inboxes))
    counted = [(owner_id, unseen[owner_id], unread[owner_id]) for owner_id in owners if unread[owner_id]]
    await transaction.fetch_with_rows(_COUNT, _COUNTED, counted)
    return Deleted(len(found), {row["owner_id"] for row in listed})


def _is_counted(row: Mapping[str, Any], act: str, inboxes: Mapping[int, Mapping[str, int]]) -> bool:
    """Returns whether a notification is unseen or unread: neither by itself nor by a mark of the inbox."""
    return row[f"{act}_at"] is None and row["id"] > inboxes[row["owner_id"]][f"{act}_up_to"]
