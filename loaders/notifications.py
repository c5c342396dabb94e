"""Loaders of notifications."""

from adapters.database import ColumnVariants, Database, TaggedSQL
from core.columns import ColumnNames
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from models import cache_tags
from models.notifications import (
    NOTIFICATION_COLUMNS,
    NOTIFICATION_TABLES,
    VISIBLE_NOTIFICATION,
    NotificationCountsRow,
    NotificationRow,
    badge_count,
)

_NOTIFICATIONS = ColumnVariants(
    NOTIFICATION_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
        f"WHERE n.owner_id = ANY($1) AND n.id = ANY($2) AND {VISIBLE_NOTIFICATION}"
    ),
    cache_tags.reads_notifications,
)
_COUNTS = TaggedSQL.of(
    (
        f"SELECT u.id, {badge_count('unseen')} AS unseen, {badge_count('unread')} AS unread "  # noqa: S608 - built from constants
        "FROM users u LEFT JOIN notification_counts n ON n.owner_id = u.id WHERE u.id = ANY($1)"
    ),
    cache_tags.reads_notification_counts,
)


async def notification_counts_by_owner(
    database: Database, _viewer: Viewer, ids: list[int]
) -> list[NotificationCountsRow | None]:
    """Returns the counts of inboxes. `own_by_id` reads those of one viewer together with the user."""
    return in_order(ids, await database.fetch(_COUNTS, ids), lambda row: row["id"])


@with_columns(NOTIFICATION_COLUMNS)
async def notification_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[NotificationRow | None]:
    rows = await database.fetch(_NOTIFICATIONS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
