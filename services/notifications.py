"""The inbox and its badge."""

from adapters.database import Database
from core.ids import HIGHEST
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.counts import current_count
from models.notifications import NOTIFICATION_COLUMNS, NOTIFICATION_TABLES, NotificationCountsRow, NotificationRow
from models.users import nest_user

_COUNTS = (
    f"SELECT {current_count('n.unseen', '$1', '$1', 'unseen')} AS unseen, "  # noqa: S608 - built from constants
    f"{current_count('n.unread', '$1', '$1', 'unread')} AS unread "
    "FROM (SELECT 1) one LEFT JOIN notification_counts n ON n.owner_id = $1"
)

_INBOX = (
    f"SELECT {NOTIFICATION_COLUMNS} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
    "WHERE n.owner_id = $1 AND n.id < $2 AND n.archived_at IS NULL ORDER BY n.id DESC LIMIT $3"
)


async def notification_counts(viewer: SignedIn, database: Database) -> NotificationCountsRow:
    """How many notifications the viewer has not seen and not read."""
    (row,) = await database.fetch(_COUNTS, viewer.user_id)
    return row


async def inbox(viewer: SignedIn, database: Database, wanted: PageRequest) -> Page[NotificationRow]:
    """The viewer's notifications, newest first; the actor is None when a block stands between the two."""
    after = HIGHEST if wanted.after is None else wanted.after
    rows = await database.fetch(_INBOX, viewer.user_id, after, wanted.limit)
    nest_user(rows, "actor")
    return wanted.page(rows)
