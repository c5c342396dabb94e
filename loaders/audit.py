"""Loaders of security events."""

from adapters.database import ColumnVariants, Database
from core.columns import ColumnNames
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from models.audit import IS_SHOWN_TO_OWNER, SECURITY_EVENT_COLUMNS, SecurityEventRow

_EVENTS = ColumnVariants(
    SECURITY_EVENT_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM audit_entries a "  # noqa: S608 - built from constants
        f"WHERE a.owner_id = ANY($1) AND a.event_id = ANY($2) AND {IS_SHOWN_TO_OWNER}"
    ),
)


@with_columns(SECURITY_EVENT_COLUMNS)
async def security_event_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[SecurityEventRow | None]:
    rows = await database.fetch(_EVENTS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
