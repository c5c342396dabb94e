"""Marks all notifications up to one of them, as seen or as read.

A mark moves a position of the inbox and writes one row with its time, so it takes the same statements for a million
notifications as for one. `docs/notifications.md` gives the reasons.
"""

from typing import Literal, TypedDict

from core.viewer import SignedIn
from events import Event, NotificationsRead, NotificationsSeen
from services.notifications.own_inbox import Named, find_own, lock_own_inbox, named_notification
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_UP_TO = "input.upTo"

_OF_INBOX = "FROM notifications n WHERE n.owner_id = $1 AND n.archived_at IS NULL AND n.id"
_MOVE = (
    "UPDATE notification_counts SET "  # noqa: S608 - built from constants
    f"unseen = unseen - (SELECT COUNT(*) {_OF_INBOX} > seen_up_to AND n.id <= $2 AND n.seen_at IS NULL), "
    f"unread = unread - (SELECT COUNT(*) {_OF_INBOX} > read_up_to AND n.id <= $3 AND n.read_at IS NULL), "
    "seen_up_to = CASE WHEN seen_up_to < $2 THEN $2 ELSE seen_up_to END, "
    "read_up_to = CASE WHEN read_up_to < $3 THEN $3 ELSE read_up_to END "
    "WHERE owner_id = $1 RETURNING unseen, unread"
)
"""Counts only notifications that no earlier mark has counted. The inbox is locked, so none is added meanwhile."""

_MARK = {"owner_id": "bigint", "kind": "text", "up_to": "bigint", "marked_at": "timestamptz"}
_ADD_MARKS = f"INSERT INTO inbox_marks ({', '.join(_MARK)}) SELECT {', '.join(_MARK)} FROM input_rows"  # noqa: S608 - built from constants

MarkNotificationsSeenSuccessRow = TypedDict(
    "MarkNotificationsSeenSuccessRow", {"__typename": Literal["MarkNotificationsSeenSuccess"]}
)
MarkAllNotificationsReadSuccessRow = TypedDict(
    "MarkAllNotificationsReadSuccessRow", {"__typename": Literal["MarkAllNotificationsReadSuccess"]}
)


async def mark_seen(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, up_to: str
) -> MarkNotificationsSeenSuccessRow:
    """Marks the viewer's notifications up to one, a global id, as seen. Later ones stay unseen.

    Raises `ProblemError` if the notification is not in the viewer's inbox.
    """
    named = named_notification(viewer, up_to, _UP_TO)
    event = NotificationsSeen(actor_id=viewer.user_id, up_to=named.id)
    await _mark(viewer, work, resources, named, event, read_up_to=0)
    return {"__typename": "MarkNotificationsSeenSuccess"}


async def mark_all_read(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, up_to: str
) -> MarkAllNotificationsReadSuccessRow:
    """Marks the viewer's notifications up to one, a global id, as read and seen. Later ones stay unread.

    Raises `ProblemError` if the notification is not in the viewer's inbox.
    """
    named = named_notification(viewer, up_to, _UP_TO)
    event = NotificationsRead(actor_id=viewer.user_id, up_to=named.id)
    await _mark(viewer, work, resources, named, event, read_up_to=named.id)
    return {"__typename": "MarkAllNotificationsReadSuccess"}


async def _mark(  # noqa: PLR0913 - the parameters of a service, and the mark
    viewer: SignedIn, work: UnitOfWork, resources: Resources, named: Named, event: Event, *, read_up_to: int
) -> None:
    """Moves the positions, and writes a mark for each count that this changes. Emits the event if one changes."""
    transaction = await work.transaction()
    inbox = await lock_own_inbox(viewer, transaction, named)
    await find_own(viewer, transaction, named)
    if named.id <= inbox.seen_up_to and read_up_to <= inbox.read_up_to:
        work.repeat(event)
        return
    (counts,) = await transaction.fetch(_MOVE, viewer.user_id, named.id, read_up_to)
    kinds = [
        kind
        for kind, was, now in (("SEEN", inbox.unseen, counts["unseen"]), ("READ", inbox.unread, counts["unread"]))
        if now < was
    ]
    marked_at = resources.clock()
    await transaction.fetch_with_rows(
        _ADD_MARKS, _MARK, [(viewer.user_id, kind, named.id, marked_at) for kind in kinds]
    )
    (work.emit if kinds else work.repeat)(event)
