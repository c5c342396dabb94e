"""Decides what to send, and when. These functions have no effects."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from models.notifications import ALWAYS_SENT, ChannelPreferenceRow, NotificationRow

HANDLER = "deliver_notification"
"""The handler of the jobs that deliver notifications."""

MAX_PUSHES = 3
"""Maximum push notifications of one notification to one phone: the first, and others while the group grows."""

PUSH_INTERVAL = timedelta(seconds=60)
"""Minimum time between two of them."""

GROWTH_PAUSE = timedelta(seconds=1)
"""The pause before a job looks again at a notification that has grown while the job ran."""

MAX_PAUSE = timedelta(minutes=10)
"""Maximum pause between two calls that do not succeed, unless the provider asks for more."""


class DeliveryChannel(StrEnum):
    """The channels of deliveries, as they are stored."""

    PUSH = "PUSH"
    EMAIL = "EMAIL"


MAX_AGE = {DeliveryChannel.PUSH: timedelta(days=1), DeliveryChannel.EMAIL: timedelta(days=3)}
"""Older notifications are not sent, so attempts end then."""


class DeliveryState(StrEnum):
    """The state of a delivery, as it is stored. SENDING is stored before each call."""

    SENDING = "SENDING"
    SENT = "SENT"
    LATER = "LATER"
    REJECTED = "REJECTED"
    DEAD = "DEAD"


class DeliveryRecord(NamedTuple):
    """A row of `notification_deliveries`. `shown_at` is the time of the latest event that was sent."""

    state: str
    attempts: int
    sent: int
    sent_at: datetime | None
    shown_at: datetime | None
    due_at: datetime | None


NOW = datetime.min.replace(tzinfo=UTC)
"""The result of `due_at` for what is to be sent at once."""


def due_at(
    channel: DeliveryChannel, delivery: DeliveryRecord | None, notification: NotificationRow, now: datetime
) -> datetime | None:
    """Returns the time at which a notification is to be sent: `NOW`, or a later one. None: it is not to be sent."""
    created_at = notification["created_at"]
    if now - created_at > MAX_AGE[channel]:
        return None
    if delivery is None:
        return NOW
    due: datetime | None = None
    match delivery.state:
        case DeliveryState.SENT:
            due = _again_at(channel, delivery, created_at)
        case DeliveryState.SENDING | DeliveryState.LATER:
            due = delivery.due_at or NOW
        case _:
            return None
    return NOW if due is not None and (due is NOW or due <= now) else due


def _again_at(channel: DeliveryChannel, delivery: DeliveryRecord, created_at: datetime) -> datetime | None:
    """Returns when a phone is told that a group has grown. Mailboxes are not told."""
    if channel is DeliveryChannel.EMAIL or delivery.sent >= MAX_PUSHES or delivery.sent_at is None:
        return None
    if delivery.shown_at is not None and delivery.shown_at >= created_at:
        return None
    return delivery.sent_at + PUSH_INTERVAL


def pause_after(attempts: int) -> timedelta:
    """Returns the pause after calls in a row that did not succeed: a second after the first one, then doubled."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 20)), MAX_PAUSE)


def is_sendable(notification: NotificationRow, archived_at: datetime | None) -> bool:
    """Returns whether the recipient has not seen a notification, and its actor exists, unless it is about a payment.

    Those that blocks hide are not found at all (`find_notification`).
    """
    if notification["seen_at"] or notification["read_at"] or archived_at:
        return False
    has_actor = notification["actor_id"] is not None
    return notification["actor"] is not None or not has_actor or notification["subject_type"] == "Payment"


def channels_of(kind: str, preferences: Mapping[str, ChannelPreferenceRow]) -> set[DeliveryChannel]:
    """Returns the channels that a recipient wants for a kind."""
    preference, channels = preferences[kind], set[DeliveryChannel]()
    if preference["push"] or kind in ALWAYS_SENT:
        channels.add(DeliveryChannel.PUSH)
    if preference["email"]:
        channels.add(DeliveryChannel.EMAIL)
    return channels
