"""Events of inboxes and of the preferences of notifications. The actor is the owner of the inbox."""

from events.base import Event


class NotificationsSeen(Event, frozen=True):
    """The actor has seen the notifications with ids up to `up_to`."""

    up_to: int


class NotificationsRead(Event, frozen=True):
    """The actor has marked the notifications with ids up to `up_to` as read."""

    up_to: int


class NotificationRead(Event, frozen=True):
    """The actor has read a notification."""

    notification_id: int


class NotificationArchived(Event, frozen=True):
    """The actor has removed a notification from the inbox."""

    notification_id: int


class NotificationGrew(Event, frozen=True):
    """More users have caused a notification in the actor's inbox, a second ago or less."""

    notification_id: int


class NotificationPreferencesUpdated(Event, frozen=True):
    """The actor has changed channels or quiet hours."""


EVENTS = (
    NotificationsSeen,
    NotificationsRead,
    NotificationRead,
    NotificationArchived,
    NotificationGrew,
    NotificationPreferencesUpdated,
)
