"""Notifications and the preferences of their recipients."""

from datetime import datetime
from typing import Literal, NamedTuple, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns
from models.counts import current_count
from models.users import UserRow, joined_user, unblocked

NotificationRow = TypedDict(
    "NotificationRow",
    {
        "__typename": NotRequired[Literal["Notification"]],
        "owner_id": int,
        "id": int,
        "kind": str,
        "actor_id": int | None,
        "actor_count": int,
        "subject_type": str | None,
        "subject_owner_id": int | None,
        "subject_id": int | None,
        "cause": str | None,
        "created_at": datetime,
        "seen_at": datetime | None,
        "read_at": datetime | None,
        "actor": UserRow | None,
    },
)


def _unmarked(act: str) -> str:
    """Returns a predicate of `notifications n`: it was not seen or read, neither by itself nor by a mark."""
    return (
        f"n.{act}_at IS NULL AND n.id > COALESCE((SELECT c.{act}_up_to FROM notification_counts c "  # noqa: S608 - built from constants
        "WHERE c.owner_id = n.owner_id), 0)"
    )


UNSEEN, UNREAD, KEPT = _unmarked("seen"), _unmarked("read"), "n.archived_at IS NULL"
"""Predicates of `notifications n`: it was not shown in the inbox, not opened, and not archived."""

OPEN_GROUP = f"{UNSEEN} AND {KEPT}"
"""A predicate of `notifications n`: further facts of its group join it. It decides nowhere else when a group ends."""

_FACTS = "FROM notification_facts f WHERE f.owner_id = n.owner_id AND f.notification_id = n.id"
_UNBLOCKED_FACTS = f"{_FACTS} AND {unblocked('n.owner_id', 'f.actor_id')}"
_ACTOR_IS_UNBLOCKED = unblocked("n.owner_id", "n.actor_id")
_ACTOR_IS_SHOWN = f"({_ACTOR_IS_UNBLOCKED} AND EXISTS (SELECT 1 FROM users a WHERE a.id = n.actor_id))"  # noqa: S608 - built from constants
_SHOWN_FACTS = f"{_UNBLOCKED_FACTS} AND EXISTS (SELECT 1 FROM users a WHERE a.id = f.actor_id)"  # noqa: S608 - as above


def _latest_shown(column: str) -> str:
    return f"(SELECT f.{column} {_SHOWN_FACTS} ORDER BY f.acted_at DESC, f.fact_id DESC, f.actor_id DESC LIMIT 1)"


_SHOWN_ACTOR = (
    f"CASE WHEN {_ACTOR_IS_SHOWN} THEN n.actor_id WHEN n.actor_count > 1 THEN {_latest_shown('actor_id')} END"
)
"""The latest actor whose account exists and whom no block hides from the owner. NULL if there is none."""

_SHOWN_COUNT = (
    "CASE WHEN n.actor_count > 1 THEN n.actor_count - (SELECT COUNT(DISTINCT f.actor_id) FROM blocks b "
    "JOIN notification_facts f ON f.owner_id = b.owner_id AND f.notification_id = n.id AND f.actor_id = b.other_id "
    "WHERE b.owner_id = n.owner_id) ELSE n.actor_count END"
)
"""The number of actors whom no block hides, also of deleted ones. Its cost depends on the blocks, not on the actors."""


def _subject_of_latest(column: str, *kinds: str) -> str:
    """Returns the subject's column. Of these kinds, the subject belongs to the actor who is shown."""
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        f"CASE WHEN n.actor_count > 1 AND n.kind IN ({names}) AND NOT {_ACTOR_IS_SHOWN} "
        f"THEN {_latest_shown('fact_id')} ELSE n.{column} END"
    )


def _marked_at(column: str, kind: str) -> str:
    """Returns an SQL expression for the time at which `n` was seen or read: by itself, or by the first mark up to it.

    Each mark of an inbox is up to a later notification than the one before, so that mark is the first in time.
    """
    return (
        f"COALESCE(n.{column}, (SELECT m.marked_at FROM inbox_marks m WHERE m.owner_id = n.owner_id "  # noqa: S608 - built from constants
        f"AND m.kind = '{kind}' AND m.up_to >= n.id ORDER BY m.up_to LIMIT 1))"
    )


NOTIFICATION_COLUMNS = RowColumns(
    {
        **{name: f"n.{name}" for name in ("owner_id", "id", "kind", "cause", "created_at", "subject_type")},
        "actor_id": "u.id",
        "actor_count": _SHOWN_COUNT,
        "seen_at": _marked_at("seen_at", "SEEN"),
        "read_at": _marked_at("read_at", "READ"),
        "subject_owner_id": _subject_of_latest("subject_owner_id", "FOLLOW"),
        "subject_id": _subject_of_latest("subject_id", "FOLLOW", "COMMENT"),
        **joined_user("actor", "u"),
    },
    always=("owner_id", "id", "actor_id"),
)
"""The columns of a `NotificationRow` from `NOTIFICATION_TABLES`."""

NOTIFICATION_TABLES = f"notifications n LEFT JOIN users u ON u.id = {_SHOWN_ACTOR}"
"""The tables of a `NotificationRow`. `VISIBLE_NOTIFICATION` has to be among the conditions of what users read."""

_HIDDEN_WITH_ACTOR = f"n.subject_type <> 'Payment' AND (n.actor_count = 1 OR NOT EXISTS (SELECT 1 {_UNBLOCKED_FACTS}))"
"""A predicate of a notification whose latest actor is hidden: so is the whole notification. Payments stay."""

NOT_HIDDEN = f"({_ACTOR_IS_UNBLOCKED} OR NOT ({_HIDDEN_WITH_ACTOR}))"
"""A predicate of `notifications n`: blocks do not hide all of its actors."""

VISIBLE_NOTIFICATION = f"{KEPT} AND {NOT_HIDDEN}"
"""A predicate of `notifications n`: it is not archived, and blocks do not hide all of its actors."""

_COUNTED = {"unseen": UNSEEN, "unread": UNREAD}


def badge_count(counter: str) -> str:
    """Returns an SQL expression for a count of the badge, from `users u` and `notification_counts n`.

    It is the current count without the notifications that blocks hide. Without blocks it reads one index entry more.
    """
    return (
        f"{current_count(f'n.{counter}', 'u.id', 'u.id', counter)} - (SELECT COUNT(*) "  # noqa: S608 - as above
        "FROM (SELECT DISTINCT b.other_id FROM blocks b WHERE b.owner_id = u.id) b "
        "JOIN notifications n ON n.owner_id = u.id AND n.actor_id = b.other_id "
        f"WHERE {KEPT} AND {_COUNTED[counter]} AND {_HIDDEN_WITH_ACTOR})"
    )


class DefaultChannels(NamedTuple):
    """The default channels of a kind of notification, in addition to the inbox."""

    push: bool
    email: bool


ALWAYS_SENT = {"PAYMENT_FAILED": "failed payments", "SECURITY": "security events"}
"""The kinds that are in the inbox and pushed whatever the preferences and quiet hours say, with names for messages."""

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
    email_frequency: str
    channels: list[ChannelPreferenceRow]


class NotificationCountsRow(TypedDict):
    """The counts of a user's notifications."""

    unseen: int
    unread: int


class NotificationModel(Model):
    """A notification in the inbox of `owner_id`. `subject_*` identifies the row that it is about.

    Of several actors, it contains the latest one, with the subject and the time of that fact. `seen_at` and
    `read_at` are null if it was seen or read by a mark of the inbox (`InboxMarkModel`).
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    actor_id = fields.BigIntField(null=True)
    actor_count = fields.BigIntField()
    subject_type = fields.TextField(null=True)
    subject_owner_id = fields.BigIntField(null=True)
    subject_id = fields.BigIntField(null=True)
    cause = fields.TextField(null=True)
    """The reason of a security event."""
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    archived_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notifications"


class NotificationFactModel(Model):
    """A fact that a notification tells: the like of a post (`fact_id`), a comment, a payment, a security event.

    Each fact is told once. `actor_id` is 0 if no other user caused it.
    """

    owner_id = fields.BigIntField()
    kind = fields.TextField()
    fact_id = fields.BigIntField(primary_key=True, generated=False)
    actor_id = fields.BigIntField()
    notification_id = fields.BigIntField()
    acted_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "notification_facts"


class NotificationGroupModel(Model):
    """The latest notification of a group: of the likes of a post (`group_key`), of its comments, or of follows."""

    owner_id = fields.BigIntField()
    kind = fields.TextField()
    group_key = fields.BigIntField(primary_key=True, generated=False)
    notification_id = fields.BigIntField()
    opened_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "notification_groups"


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
