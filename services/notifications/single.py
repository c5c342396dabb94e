"""Marks one notification as read, and archives one."""

from typing import Any, Literal, TypedDict

from core.viewer import SignedIn
from events import NotificationArchived, NotificationRead
from models.notifications import NotificationRow
from services.notifications.own_inbox import find_own, lock_own_inbox, named_notification
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_NOTIFICATION = "input.notificationId"

_READ = "UPDATE notifications SET read_at = $3, seen_at = COALESCE(seen_at, $4) WHERE owner_id = $1 AND id = $2"
_ARCHIVE = "UPDATE notifications SET archived_at = $3 WHERE owner_id = $1 AND id = $2"
_COUNT = "UPDATE notification_counts SET unseen = unseen - $2, unread = unread - $3 WHERE owner_id = $1"

MarkNotificationReadSuccessRow = TypedDict(
    "MarkNotificationReadSuccessRow",
    {"__typename": Literal["MarkNotificationReadSuccess"], "notification": NotificationRow},
)
ArchiveNotificationSuccessRow = TypedDict(
    "ArchiveNotificationSuccessRow", {"__typename": Literal["ArchiveNotificationSuccess"], "owner_id": int, "id": int}
)


async def mark_read(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, notification_id: str
) -> MarkNotificationReadSuccessRow:
    """Marks a notification of the viewer, a global id, as read and seen. A repeated call keeps the first times.

    Raises `ProblemError` if the notification is not in the viewer's inbox.
    """
    named = named_notification(viewer, notification_id, _NOTIFICATION)
    transaction, user_id = await work.transaction(), viewer.user_id
    await lock_own_inbox(viewer, transaction, named)
    notification: Any = await find_own(viewer, transaction, named)
    event = NotificationRead(actor_id=user_id, notification_id=named.id)
    if notification["read_at"] is not None:
        work.repeat(event)
        return {"__typename": "MarkNotificationReadSuccess", "notification": notification}
    now, is_unseen = resources.clock(), notification["seen_at"] is None
    await transaction.fetch(_COUNT, user_id, int(is_unseen), 1)
    await transaction.fetch(_READ, user_id, named.id, now, now if is_unseen else None)
    work.emit(event)
    notification["read_at"] = now
    notification["seen_at"] = notification["seen_at"] or now
    return {"__typename": "MarkNotificationReadSuccess", "notification": notification}


async def archive(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, notification_id: str
) -> ArchiveNotificationSuccessRow:
    """Removes a notification of the viewer, a global id, from list and counts. An archived one stays archived.

    Raises `ProblemError` if the viewer has no such notification.
    """
    named = named_notification(viewer, notification_id, _NOTIFICATION)
    transaction, user_id = await work.transaction(), viewer.user_id
    await lock_own_inbox(viewer, transaction, named)
    notification: Any = await find_own(viewer, transaction, named, archived=True)
    event = NotificationArchived(actor_id=user_id, notification_id=named.id)
    if notification["archived_at"] is None:
        counted = [int(notification[column] is None) for column in ("seen_at", "read_at")]
        await transaction.fetch(_COUNT, user_id, *counted)
        await transaction.fetch(_ARCHIVE, user_id, named.id, resources.clock())
        work.emit(event)
    else:
        work.repeat(event)
    return {"__typename": "ArchiveNotificationSuccess", "owner_id": user_id, "id": named.id}
