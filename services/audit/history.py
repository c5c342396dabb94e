"""What happened to the viewer's account."""

from adapters.database import Database
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.audit import IS_SHOWN_TO_OWNER, SECURITY_EVENT_COLUMNS, SecurityEventRow

_HISTORY = (
    f"SELECT {SECURITY_EVENT_COLUMNS} FROM audit_entries a "  # noqa: S608 - built from constants
    f"WHERE a.owner_id = $1 AND a.place < $2 AND {IS_SHOWN_TO_OWNER} ORDER BY a.place DESC LIMIT $3"
)


async def security_history(viewer: SignedIn, database: Database, wanted: PageRequest) -> Page[SecurityEventRow]:
    """Newest first."""
    rows = await database.fetch(_HISTORY, viewer.user_id, wanted.after_or(MAX_ID), wanted.limit)
    return wanted.page(rows, by=("place",))
