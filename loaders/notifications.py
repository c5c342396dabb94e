"""Loaders of notifications."""

from adapters.database import Database
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids
from models.notifications import NOTIFICATION_COLUMNS, NOTIFICATION_TABLES, NotificationRow

_NOTIFICATIONS = (
    f"SELECT {NOTIFICATION_COLUMNS} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
    "WHERE n.owner_id = ANY($1) AND n.id = ANY($2) AND n.archived_at IS NULL"
)


async def notification_by_id(database: Database, _viewer: Viewer, keys: list[OwnedKey]) -> list[NotificationRow | None]:
    rows = await database.fetch(_NOTIFICATIONS, *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
