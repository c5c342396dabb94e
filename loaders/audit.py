"""Loaders of security events."""

from adapters.database import Database
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids
from models.audit import IS_SHOWN_TO_OWNER, SECURITY_EVENT_COLUMNS, SecurityEventRow

_EVENTS = (
    f"SELECT {SECURITY_EVENT_COLUMNS} FROM audit_entries a "  # noqa: S608 - built from constants
    f"WHERE a.owner_id = ANY($1) AND a.event_id = ANY($2) AND {IS_SHOWN_TO_OWNER}"
)


async def security_event_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey]
) -> list[SecurityEventRow | None]:
    rows = await database.fetch(_EVENTS, *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
