"""The inbox and its badge."""

from dataclasses import dataclass

from adapters.database import Database
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.notifications import DEFAULT_CHANNELS, NOTIFICATION_COLUMNS, NOTIFICATION_TABLES, NotificationRow

_INBOX = (
    f"SELECT {NOTIFICATION_COLUMNS} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
    "WHERE n.owner_id = $1 AND n.id < $2 AND n.archived_at IS NULL AND n.kind = ANY($4) "
    "AND (n.read_at IS NULL OR NOT CAST($5 AS BOOLEAN)) ORDER BY n.id DESC LIMIT $3"
)


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which notifications are wanted; no kinds means all of them."""

    unread_only: bool = False
    kinds: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The same for the same filter."""
        return f"{'unread' if self.unread_only else 'all'}:{','.join(sorted(self.kinds))}"


async def inbox(
    viewer: SignedIn, database: Database, wanted: PageRequest, chosen: InboxFilter
) -> Page[NotificationRow]:
    """The viewer's notifications, newest first; the actor is None when a block stands between the two."""
    kinds = sorted(chosen.kinds or DEFAULT_CHANNELS)
    rows = await database.fetch(
        _INBOX, viewer.user_id, wanted.after_or(MAX_ID), wanted.limit, kinds, chosen.unread_only
    )
    return wanted.page(rows)
