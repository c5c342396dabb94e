"""Reads a finished export, with one part in memory at a time."""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from core.viewer import SignedIn
from services.resources import Resources

_READY = (
    "SELECT x.bytes, x.parts, x.requested_at FROM data_exports x "
    "WHERE x.owner_id = $1 AND x.id = $2 AND x.ready_at IS NOT NULL AND x.expires_at > $3"
)
_PART = "SELECT content FROM data_export_parts WHERE owner_id = $1 AND export_id = $2 AND place = $3"


class ExportGone(Exception):
    """An export was deleted while it was read."""


class ExportFile(NamedTuple):
    """A JSON document: its size in bytes, its day and its content."""

    size: int
    day: str
    content: AsyncGenerator[bytes]


async def open_export(viewer: SignedIn, resources: Resources, export_id: int) -> ExportFile | None:
    """Returns the viewer's export, or None if there is none that is ready and still stored."""
    rows = await resources.database.fetch(_READY, viewer.user_id, export_id, resources.clock())
    if not rows:
        return None
    day = rows[0]["requested_at"].date().isoformat()
    return ExportFile(rows[0]["bytes"], day, _content(viewer, resources, export_id, rows[0]["parts"]))


async def _content(viewer: SignedIn, resources: Resources, export_id: int, parts: int) -> AsyncGenerator[bytes]:
    for place in range(parts):
        rows = await resources.database.fetch(_PART, viewer.user_id, export_id, place)
        if not rows:
            raise ExportGone
        yield resources.vault.open(viewer.user_id, bytes(rows[0]["content"])).encode()
