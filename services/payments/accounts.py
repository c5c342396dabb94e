"""Locks accounts whose money moves, so that they are not deleted meanwhile."""

from collections.abc import Collection
from typing import NamedTuple

from adapters.database import Queries
from core.errors import account_deleted
from core.viewer import SignedIn

_BLOCKED = "EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.other_id = u.id AND"
_LOCK = (
    f"SELECT u.id, {_BLOCKED} b.outgoing) AS blocked, {_BLOCKED} NOT b.outgoing) AS hides "  # noqa: S608 - built from constants
    "FROM users u WHERE u.id = ANY($2) ORDER BY u.id FOR KEY SHARE OF u"
)


class Account(NamedTuple):
    """An account that exists until the transaction ends, and its relationship to the viewer."""

    id: int
    blocked: bool
    """The viewer has blocked the user."""
    hides: bool
    """The user has blocked the viewer."""


async def lock_accounts(viewer: SignedIn, transaction: Queries, user_ids: Collection[int]) -> dict[int, Account]:
    """Returns the accounts of the viewer and of other users, if they exist, by their ids.

    They cannot be deleted until the transaction ends; other changes of them do not wait. Raises `Unauthenticated` if
    the viewer's account was deleted.
    """
    rows = await transaction.fetch(_LOCK, viewer.user_id, sorted({viewer.user_id, *user_ids}))
    accounts = {row["id"]: Account(row["id"], bool(row["blocked"]), bool(row["hides"])) for row in rows}
    if viewer.user_id not in accounts:
        raise account_deleted()
    return accounts
