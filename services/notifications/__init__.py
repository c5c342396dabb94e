"""The notification inbox and its preferences."""

from services.notifications.inbox import InboxFilter, inbox
from services.notifications.preferences import notification_preferences

__all__ = ["InboxFilter", "inbox", "notification_preferences"]
