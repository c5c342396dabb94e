"""Digests: one mail with the notifications of a day or a week.

The job `deliver_notification` creates the job of a digest. Each digest of a user has a period, which is the id of the
instant at which it is due.
"""

from services.notifications.digests.handler import send_digest

__all__ = ["send_digest"]
