"""The notification inbox, its marks, its preferences, and the delivery of notifications."""

from services.notifications.changed_preferences import PreferenceChanges, update_preferences
from services.notifications.delivery import deliver_notification, measure_late_deliveries
from services.notifications.digests import send_digest
from services.notifications.growth import announce_growth
from services.notifications.inbox import InboxFilter, inbox
from services.notifications.marks import mark_all_read, mark_seen
from services.notifications.preferences import notification_preferences
from services.notifications.single import archive, mark_read
from services.notifications.unsubscribe_links import UNSUBSCRIBE_PATH
from services.notifications.unsubscribing import Unsubscription, find_unsubscription, unsubscribe

__all__ = [
    "UNSUBSCRIBE_PATH",
    "InboxFilter",
    "PreferenceChanges",
    "Unsubscription",
    "announce_growth",
    "archive",
    "deliver_notification",
    "find_unsubscription",
    "inbox",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "measure_late_deliveries",
    "notification_preferences",
    "send_digest",
    "unsubscribe",
    "update_preferences",
]
