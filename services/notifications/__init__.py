"""The notification inbox, its marks, its preferences, and the delivery of notifications."""

from services.notifications.changed_preferences import PreferenceChanges, update_preferences
from services.notifications.delivery import deliver_notification, measure_late_deliveries
from services.notifications.growth import announce_growth
from services.notifications.inbox import InboxFilter, inbox
from services.notifications.marks import mark_all_read, mark_seen
from services.notifications.preferences import notification_preferences
from services.notifications.single import archive, mark_read

__all__ = [
    "InboxFilter",
    "PreferenceChanges",
    "announce_growth",
    "archive",
    "deliver_notification",
    "inbox",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "measure_late_deliveries",
    "notification_preferences",
    "update_preferences",
]
