"""The notifications of the viewer's inbox."""

from dataclasses import dataclass

from adapters.database import Database, TaggedSQL
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.notifications import (
    DEFAULT_CHANNELS,
    NOTIFICATION_COLUMNS,
    NOTIFICATION_TABLES,
    UNREAD,
    VISIBLE_NOTIFICATION,
    NotificationRow,
)

_INBOX = TaggedSQL.of(
    (
        f"SELECT {NOTIFICATION_COLUMNS} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
        "WHERE n.owner_id = $1 AND n.id < $2 AND n.kind = ANY($4) "
        f"AND ({UNREAD} OR NOT CAST($5 AS BOOLEAN)) AND {VISIBLE_NOTIFICATION} ORDER BY n.id DESC LIMIT $3"
    ),
    cache_tags.reads_notifications,
)


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
    viewer: SignedIn, database: Database, page_request: PageRequest, filters: InboxFilter
) -> Page[NotificationRow]:
    """Returns the viewer's notifications, newest first, without those whose actors are all hidden by blocks.

    The actor of a payment is None if one of the two has blocked the other.
    """
    kinds = sorted(filters.kinds or DEFAULT_CHANNELS)
    rows = await database.fetch(
        _INBOX, viewer.user_id, page_request.after_or(MAX_ID), page_request.limit, kinds, filters.unread_only
    )
    return page_request.page(rows)
