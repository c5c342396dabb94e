"""Locks the accounts of users whose money moves, so that they are not deleted meanwhile."""

from collections.abc import Collection
from typing import NamedTuple

from adapters.database import DialectSQL, Queries
from core.errors import account_deleted
from core.viewer import SignedIn

_BLOCKED = "EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.other_id = u.id AND"
_USERS = (
    f"SELECT u.id, {_BLOCKED} b.outgoing) AS blocked_by_viewer, {_BLOCKED} NOT b.outgoing) "  # noqa: S608 - built from constants
    "AS has_blocked_viewer FROM users u"
)
_LOCK = DialectSQL(
    postgres="WITH turns AS MATERIALIZED (SELECT r.id, pg_advisory_xact_lock_shared(r.id) "  # noqa: S608 - built from constants
    f"FROM unnest(CAST($2 AS BIGINT[])) AS r (id)) {_USERS} JOIN turns t ON t.id = u.id "
    "ORDER BY u.id FOR KEY SHARE OF u",
    sqlite=f"{_USERS} WHERE u.id = ANY($2) ORDER BY u.id",
)
"""Takes a turn, and then locks the rows. PostgreSQL does not grant row locks in turn: a deletion of an account would
wait as long as payments of its user overlap."""


class LockedUser(NamedTuple):
    """A user whose account exists until the transaction ends, and the blocks between the user and the viewer."""

    id: int
    blocked_by_viewer: bool
    has_blocked_viewer: bool


async def lock_accounts(viewer: SignedIn, transaction: Queries, user_ids: Collection[int]) -> dict[int, LockedUser]:
    """Locks the accounts of the viewer and of other users, and returns the users that exist by their ids.

    The accounts cannot be deleted until the transaction ends; other changes of them do not wait. Raises
    `Unauthenticated` if the viewer's account was deleted.
    """
    rows = await transaction.fetch(_LOCK, viewer.user_id, sorted({viewer.user_id, *user_ids}))
    users = {
        row["id"]: LockedUser(row["id"], bool(row["blocked_by_viewer"]), bool(row["has_blocked_viewer"]))
        for row in rows
    }
    if viewer.user_id not in users:
        raise account_deleted()
    return users
