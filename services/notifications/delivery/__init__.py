"""Delivery of notifications to phones by push, and to mailboxes.

A job delivers one notification. The rows of `notification_deliveries` say what was sent.
"""

from services.notifications.delivery.backlog import measure_late_deliveries
from services.notifications.delivery.handler import deliver_notification

__all__ = ["deliver_notification", "measure_late_deliveries"]
