"""The notifications of the viewer's inbox."""

from dataclasses import dataclass

from adapters.database import ColumnVariants, Database, DialectSQL
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.notifications import (
    DEFAULT_CHANNELS,
    NOTIFICATION_COLUMNS,
    NOTIFICATION_TABLES,
    VISIBLE_NOTIFICATION,
    NotificationRow,
)

_UNREAD = (
    " AND n.read_at IS NULL AND n.id > COALESCE((SELECT c.read_up_to FROM notification_counts c "
    "WHERE c.owner_id = $1), 0)"
)
"""Compares with the position, so that a list of unread ones does not pass those that were marked together."""


def _newest(columns: str, of_kind: str, only: str) -> str:
    return (
        f"SELECT {columns} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
        f"WHERE n.owner_id = $1 AND n.id < $2 AND {of_kind}{only} AND {VISIBLE_NOTIFICATION} "
        "ORDER BY n.id DESC LIMIT $3"
    )


def _inbox(only: str) -> ColumnVariants:
    return ColumnVariants(
        NOTIFICATION_COLUMNS,
        lambda columns, _: _newest(columns, "n.kind = ANY($4)", only),
        cache_tags.reads_notifications,
    )


def _inbox_by_kind(only: str) -> ColumnVariants:
    """Returns a statement for some kinds. PostgreSQL reads the newest of each, and never passes those of others."""
    return ColumnVariants(
        NOTIFICATION_COLUMNS,
        lambda columns, _: DialectSQL(
            postgres=(
                "SELECT r.* FROM unnest($4::text[]) AS k (kind) CROSS JOIN LATERAL "  # noqa: S608 - built from constants
                f"({_newest(columns, 'n.kind = k.kind', only)}) r ORDER BY r.id DESC LIMIT $3"
            ),
            sqlite=_newest(columns, "n.kind = ANY($4)", only),
        ),
        cache_tags.reads_notifications,
    )


_ALL = {False: _inbox(""), True: _inbox(_UNREAD)}
_BY_KIND = {False: _inbox_by_kind(""), True: _inbox_by_kind(_UNREAD)}
"""The statements by whether only unread notifications are listed."""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Selects notifications. An empty set of kinds selects all kinds."""

    unread_only: bool = False
    kinds: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of the filtered list, which is the same for equal filters."""
        return f"{'unread' if self.unread_only else 'all'}:{','.join(sorted(self.kinds))}"


async def inbox(
    viewer: SignedIn,
    database: Database,
    page_request: PageRequest,
    filters: InboxFilter,
    columns: ColumnNames | None = None,
) -> Page[NotificationRow]:
    """Returns the viewer's notifications, newest first, without those whose actors are all hidden by blocks.

    The actor of a payment is None if one of the two has blocked the other.
    """
    statement = (_BY_KIND if filters.kinds else _ALL)[filters.unread_only].of(columns)
    kinds = sorted(filters.kinds or DEFAULT_CHANNELS)
    rows = await database.fetch(statement, viewer.user_id, page_request.after_or(MAX_ID), page_request.limit, kinds)
    return page_request.page(rows)
