"""The viewer's inbox in a mutation: its lock, and the notification that an input names."""

from typing import Any, NamedTuple

from adapters.database import Queries
from core.errors import BadUserInput, ProblemError, invalid_input, not_found
from core.global_ids import read_id_of
from core.viewer import SignedIn
from models.notifications import NOT_HIDDEN, NOTIFICATION_COLUMNS, NOTIFICATION_TABLES

_LOCK = (
    "SELECT c.unseen, c.unread, c.seen_up_to, c.read_up_to FROM notification_counts c "
    "JOIN users u ON u.id = c.owner_id WHERE c.owner_id = $1 FOR UPDATE OF c"
)
_FIND = (
    f"SELECT {NOTIFICATION_COLUMNS.sql()}, n.archived_at FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
    f"WHERE n.owner_id = $1 AND n.id = $2 AND {NOT_HIDDEN}"
)


class Inbox(NamedTuple):
    """The folded counts of an inbox, and the ids up to which its notifications are seen and read."""

    unseen: int
    unread: int
    seen_up_to: int
    read_up_to: int


class Named(NamedTuple):
    """The notification that the input `field` names, by the id of its row in the viewer's inbox."""

    field: str
    id: int


def named_notification(viewer: SignedIn, text: str, field: str) -> Named:
    """Returns the notification with a global id. Raises `ProblemError` if it is malformed or of another inbox."""
    try:
        found = read_id_of("Notification", text, field)
    except BadUserInput:
        message = "Send the id of a notification exactly as the server returned it."
        raise invalid_input(field, message) from None
    if found.owner_id != viewer.user_id:
        raise _missing(field)
    return Named(field, found.id)


async def lock_own_inbox(viewer: SignedIn, transaction: Queries, named: Named) -> Inbox:
    """Locks the viewer's inbox until the transaction ends. Raises `ProblemError` if there is none."""
    rows = await transaction.fetch(_LOCK, viewer.user_id)
    if not rows:
        raise _missing(named.field)
    return Inbox(**rows[0])


async def find_own(viewer: SignedIn, transaction: Queries, named: Named, *, archived: bool = False) -> Any:
    """Returns the `NotificationRow` and its `archived_at`.

    Raises `ProblemError` if it does not exist, is archived, or is hidden by blocks. With `archived`, archived ones are
    returned, too.
    """
    rows = await transaction.fetch(_FIND, viewer.user_id, named.id)
    if not rows or not (archived or rows[0]["archived_at"] is None):
        raise _missing(named.field)
    return rows[0]


def _missing(field: str) -> ProblemError:
    return not_found(field, "This notification does not exist.")
