"""The security history of the viewer's account."""

from adapters.database import ColumnVariants, Database
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.audit import IS_SHOWN_TO_OWNER, SECURITY_EVENT_COLUMNS, SecurityEventRow

_HISTORY = ColumnVariants(
    SECURITY_EVENT_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM audit_entries a "  # noqa: S608 - built from constants
        f"WHERE a.owner_id = $1 AND a.place < $2 AND {IS_SHOWN_TO_OWNER} ORDER BY a.place DESC LIMIT $3"
    ),
)


async def security_history(
    viewer: SignedIn, database: Database, page_request: PageRequest, columns: ColumnNames | None = None
) -> Page[SecurityEventRow]:
    """Returns the viewer's security events, newest first."""
    after = page_request.after_or(MAX_ID)
    rows = await database.fetch(_HISTORY.of(columns), viewer.user_id, after, page_request.limit)
    return page_request.page(rows, by=("place",))
