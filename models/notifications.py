"""Notifications and the preferences of their recipients."""

from datetime import datetime
from typing import Literal, NamedTuple, TypedDict

from tortoise import fields
from tortoise.models import Model

from models.users import UserRow, joined_user, unblocked

NotificationRow = TypedDict(
    "NotificationRow",
    {
        "__typename": Literal["Notification"],
        "owner_id": int,
        "id": int,
        "kind": str,
        "actor_id": int | None,
        "actor_count": int,
        "subject_type": str | None,
        "subject_owner_id": int | None,
        "subject_id": int | None,
        "created_at": datetime,
        "seen_at": datetime | None,
        "read_at": datetime | None,
        "actor": UserRow | None,
    },
)


def _marked_at(column: str, kind: str) -> str:
    """Returns an SQL expression for the time at which `n` was seen or read: by itself, or by the first mark up to it.

    Each mark of an inbox is up to a later notification than the one before, so that mark is the first in time.
    """
    return (
        f"COALESCE(n.{column}, (SELECT m.marked_at FROM inbox_marks m WHERE m.owner_id = n.owner_id "  # noqa: S608 - built from constants
        f"AND m.kind = '{kind}' AND m.up_to >= n.id ORDER BY m.up_to LIMIT 1)) AS {column}"
    )


NOTIFICATION_COLUMNS = (
    "'Notification' AS __typename, n.owner_id, n.id, n.kind, n.actor_id, n.actor_count, n.created_at, "
    f"{_marked_at('seen_at', 'SEEN')}, {_marked_at('read_at', 'READ')}, "
    "n.subject_type, n.subject_owner_id, n.subject_id, "
    f"{joined_user('actor', 'u')}"
)
"""Selects a `NotificationRow` from `NOTIFICATION_TABLES`."""

NOTIFICATION_TABLES = (
    f"notifications n LEFT JOIN users u ON u.id = n.actor_id AND {unblocked('n.owner_id', 'n.actor_id')}"
)
"""The tables of a `NotificationRow`. Notifications that are not archived have `n.archived_at IS NULL`."""


class DefaultChannels(NamedTuple):
    """The default channels of a kind of notification, in addition to the inbox."""

    push: bool
    email: bool


DEFAULT_CHANNELS = {
    "FOLLOW": DefaultChannels(push=True, email=False),
    "LIKE": DefaultChannels(push=False, email=False),
    "COMMENT": DefaultChannels(push=True, email=False),
    "PAYMENT_RECEIVED": DefaultChannels(push=True, email=False),
    "PAYMENT_FAILED": DefaultChannels(push=True, email=True),
    "REFUND": DefaultChannels(push=True, email=True),
    "SECURITY": DefaultChannels(push=True, email=True),
}
"""Every kind of notification."""


class ChannelPreferenceRow(TypedDict):
    """The channels that a user has for a kind of notification."""

    kind: str
    in_app: bool
    push: bool
    email: bool


class QuietHoursRow(TypedDict):
    """The start and the end (HH:MM) of the time in which a user receives no push notifications."""

    start: str
    end: str
    time_zone: str


class NotificationPreferencesRow(TypedDict):
    """The notification preferences of a user, with the channels of every kind."""

    quiet_hours: QuietHoursRow | None
    channels: list[ChannelPreferenceRow]


class NotificationCountsRow(TypedDict):
    """The counts of a user's notifications."""

    unseen: int
    unread: int


class NotificationModel(Model):
    """A notification in the inbox of `owner_id`. `subject_*` identifies the row that it is about.

    `seen_at` and `read_at` are null if it was seen or read by a mark of the inbox (`InboxMarkModel`).
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    actor_id = fields.BigIntField(null=True)
    actor_count = fields.BigIntField()
    subject_type = fields.TextField(null=True)
    subject_owner_id = fields.BigIntField(null=True)
    subject_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    archived_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notifications"


class NotificationDeliveryModel(Model):
    """The delivery of a notification to a phone or, with the device id 0, to the mailbox of its owner.

    `attempts` are the calls since the last one that succeeded, and `sent` the calls that succeeded. `shown_at` is the
    time of the latest event that was sent, and `due_at` the time before which no call is made.
    """

    owner_id = fields.BigIntField()
    notification_id = fields.BigIntField(primary_key=True, generated=False)
    channel = fields.TextField()
    device_id = fields.BigIntField()
    state = fields.TextField()
    attempts = fields.BigIntField()
    sent = fields.BigIntField()
    begun_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    shown_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notification_deliveries"


class NotificationCountModel(Model):
    """The folded counts of an inbox. Newer changes are in `count_deltas`, with the owner as subject.

    Notifications with ids up to `seen_up_to` are seen, and those up to `read_up_to` are read. The row is the lock of
    the inbox: who adds, marks or archives notifications locks it first.
    """

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    unseen = fields.BigIntField()
    unread = fields.BigIntField()
    seen_up_to = fields.BigIntField(default=0)
    read_up_to = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "notification_counts"


class InboxMarkModel(Model):
    """The time at which the notifications of an inbox up to an id were marked; `kind` is SEEN or READ."""

    owner_id = fields.BigIntField()
    kind = fields.TextField()
    up_to = fields.BigIntField(primary_key=True, generated=False)
    marked_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "inbox_marks"


class ChannelPreferenceModel(Model):
    """The channels that a user chose for a kind of notification. Without a row the defaults of the kind apply."""

    owner_id = fields.BigIntField()
    kind = fields.CharField(32, primary_key=True)
    in_app = fields.BooleanField()
    push = fields.BooleanField()
    email = fields.BooleanField()

    class Meta(Model.Meta):
        table = "channel_preferences"


class QuietHoursModel(Model):
    """The daily time without push notifications, in the user's time zone.

    `starts_at_minute` and `ends_at_minute` count from midnight.
    """

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    starts_at_minute = fields.BigIntField()
    ends_at_minute = fields.BigIntField()
    time_zone = fields.TextField()

    class Meta(Model.Meta):
        table = "quiet_hours"
