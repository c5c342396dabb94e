"""The inbox and its badge."""

from dataclasses import dataclass

from adapters.database import Database
from core.ids import HIGHEST
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.notifications import (
    DEFAULT_CHANNELS,
    NOTIFICATION_COLUMNS,
    NOTIFICATION_TABLES,
    ChannelPreferenceRow,
    NotificationPreferencesRow,
    NotificationRow,
    QuietHoursRow,
)

_INBOX = (
    f"SELECT {NOTIFICATION_COLUMNS} FROM {NOTIFICATION_TABLES} "  # noqa: S608 - built from constants
    "WHERE n.owner_id = $1 AND n.id < $2 AND n.archived_at IS NULL AND n.kind = ANY($4) "
    "AND (n.read_at IS NULL OR NOT CAST($5 AS BOOLEAN)) ORDER BY n.id DESC LIMIT $3"
)

_PREFERENCES = (
    "SELECT q.starts_at_minute, q.ends_at_minute, q.time_zone, c.kind, c.in_app, c.push, c.email "
    "FROM (SELECT 1) one LEFT JOIN quiet_hours q ON q.owner_id = $1 LEFT JOIN channel_preferences c ON c.owner_id = $1"
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
        _INBOX, viewer.user_id, wanted.after_or(HIGHEST), wanted.limit, kinds, chosen.unread_only
    )
    return wanted.page(rows)


async def notification_preferences(viewer: SignedIn, database: Database) -> NotificationPreferencesRow:
    """What the viewer has chosen, and the defaults where they have not."""
    rows = await database.fetch(_PREFERENCES, viewer.user_id)
    chosen: dict[str, ChannelPreferenceRow] = {row["kind"]: row for row in rows}
    first = rows[0]
    quiet: QuietHoursRow | None = None
    if first["time_zone"] is not None:
        quiet = {
            "start": _clock_time(first["starts_at_minute"]),
            "end": _clock_time(first["ends_at_minute"]),
            "time_zone": first["time_zone"],
        }
    return {
        "quiet_hours": quiet,
        "channels": [
            chosen.get(kind) or {"kind": kind, "in_app": True, "push": default.push, "email": default.email}
            for kind, default in DEFAULT_CHANNELS.items()
        ],
    }


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
