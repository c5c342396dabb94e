"""The notification preferences of a viewer."""

from adapters.database import Queries, TaggedSQL
from core.viewer import SignedIn
from models import cache_tags
from models.notification_digests import DEFAULT_FREQUENCY
from models.notifications import (
    DEFAULT_CHANNELS,
    ChannelPreferenceRow,
    NotificationPreferencesRow,
    QuietHoursRow,
)

_PREFERENCES = TaggedSQL.of(
    (
        "SELECT q.starts_at_minute, q.ends_at_minute, q.time_zone, e.frequency, c.kind, c.in_app, c.push, c.email "
        "FROM (SELECT 1) one LEFT JOIN quiet_hours q ON q.owner_id = $1 "
        "LEFT JOIN email_preferences e ON e.owner_id = $1 "
        "LEFT JOIN channel_preferences c ON c.owner_id = $1"
    ),
    cache_tags.reads_own_rows,
)


async def notification_preferences(viewer: SignedIn, queries: Queries) -> NotificationPreferencesRow:
    """Returns the viewer's preferences, with defaults for kinds that have none."""
    rows = await queries.fetch(_PREFERENCES, viewer.user_id)
    stored: dict[str, ChannelPreferenceRow] = {row["kind"]: row for row in rows}
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
        "email_frequency": first["frequency"] or DEFAULT_FREQUENCY,
        "channels": [
            stored.get(kind) or {"kind": kind, "in_app": True, "push": default.push, "email": default.email}
            for kind, default in DEFAULT_CHANNELS.items()
        ],
    }


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
