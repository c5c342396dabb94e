"""Push notifications: engines that send them to the phones of users."""

from adapters.push.base import APNS, FCM, LIFETIME_SECONDS, PushEngine, PushMessage
from adapters.push.engines import open_push
from adapters.push.push import Push

__all__ = ["APNS", "FCM", "LIFETIME_SECONDS", "Push", "PushEngine", "PushMessage", "open_push"]
