"""The notification inbox, its preferences, and the delivery of notifications."""

from services.notifications.delivery import deliver_notification
from services.notifications.inbox import InboxFilter, inbox
from services.notifications.preferences import notification_preferences

__all__ = ["InboxFilter", "deliver_notification", "inbox", "notification_preferences"]
