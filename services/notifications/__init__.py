"""The notification inbox, its marks, and its preferences."""

from services.notifications.changed_preferences import PreferenceChanges, update_preferences
from services.notifications.inbox import InboxFilter, inbox
from services.notifications.marks import mark_all_read, mark_seen
from services.notifications.preferences import notification_preferences
from services.notifications.single import archive, mark_read

__all__ = [
    "InboxFilter",
    "PreferenceChanges",
    "archive",
    "inbox",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "notification_preferences",
    "update_preferences",
]
