"""Locks inboxes, so that the counts of each equal its notifications in every transaction."""

from collections.abc import Collection

from adapters.database import Queries

_OWNER = {"owner_id": "bigint"}
_LOCK = (
    "INSERT INTO notification_counts (owner_id, unseen, unread) SELECT g.owner_id, 0, 0 FROM input_rows g "
    "WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = g.owner_id) ORDER BY g.owner_id "
    "ON CONFLICT (owner_id) DO UPDATE SET unseen = notification_counts.unseen RETURNING owner_id, seen_up_to"
)
"""Changes nothing in a row that exists. `SELECT … FOR UPDATE` would not lock the inbox of the first notification."""


async def lock_inboxes(transaction: Queries, owner_ids: Collection[int]) -> dict[int, int]:
    """Locks the inboxes of users until the transaction ends, and returns the position of each by its owner.

    A new notification with an id above the position is unseen and unread. Deleted accounts have no inbox. Locks are
    taken in the order of the owners, so that relays do not deadlock.
    """
    rows = await transaction.fetch_with_rows(_LOCK, _OWNER, [(owner_id,) for owner_id in sorted(owner_ids)])
    return {row["owner_id"]: row["seen_up_to"] for row in rows}
