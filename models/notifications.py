"""Each person's inbox."""

from datetime import datetime
from typing import Literal, TypedDict

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
        "created_at": datetime,
        "seen_at": datetime | None,
        "read_at": datetime | None,
        "actor": UserRow | None,
    },
)

NOTIFICATION_COLUMNS = (
    "'Notification' AS __typename, n.owner_id, n.id, n.kind, n.actor_id, n.actor_count, n.created_at, "
    f"n.seen_at, n.read_at, {joined_user('actor', 'u')}"
)
"""Selects a `NotificationRow` (actor yet to be nested) from `NOTIFICATION_TABLES`."""

NOTIFICATION_TABLES = (
    f"notifications n LEFT JOIN users u ON u.id = n.actor_id AND {unblocked('n.owner_id', 'n.actor_id')}"
)
"""Notifications that are not archived have `n.archived_at IS NULL`."""


class NotificationCountsRow(TypedDict):
    """The badge's numbers."""

    unseen: int
    unread: int


class Notification(Model):
    """One line of the inbox; `subject_*` names the row it is about."""

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


class NotificationCount(Model):
    """The folded part of an inbox's counts; what is newer stands in `count_deltas` with the owner as subject."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    unseen = fields.BigIntField()
    unread = fields.BigIntField()

    class Meta(Model.Meta):
        table = "notification_counts"
