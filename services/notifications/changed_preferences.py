"""Changes the notification preferences of a viewer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from adapters.database import Queries
from core.errors import account_deleted, invalid_input
from core.time_zones import time_zone
from core.viewer import SignedIn
from events import NotificationPreferencesUpdated
from models.notifications import ALWAYS_SENT, ChannelPreferenceRow, NotificationPreferencesRow, QuietHoursRow
from services.notifications.preferences import notification_preferences
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_CHANNELS = "input.channels"
_HOURS = "input.quietHours"
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")

LOCK_OWNER = "SELECT id FROM users WHERE id = $1 FOR KEY SHARE"
_CHANNEL = {"owner_id": "bigint", "kind": "text", "in_app": "boolean", "push": "boolean", "email": "boolean"}
_SET_CHANNELS = (
    f"INSERT INTO channel_preferences ({', '.join(_CHANNEL)}) SELECT {', '.join(_CHANNEL)} FROM input_rows WHERE true "  # noqa: S608 - built from constants
    "ON CONFLICT (owner_id, kind) DO UPDATE SET in_app = excluded.in_app, push = excluded.push, email = excluded.email "
    "WHERE channel_preferences.in_app <> excluded.in_app OR channel_preferences.push <> excluded.push "
    "OR channel_preferences.email <> excluded.email RETURNING kind"
)
_SET_HOURS = (
    "INSERT INTO quiet_hours (owner_id, starts_at_minute, ends_at_minute, time_zone) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (owner_id) DO UPDATE SET starts_at_minute = excluded.starts_at_minute, "
    "ends_at_minute = excluded.ends_at_minute, time_zone = excluded.time_zone "
    "WHERE quiet_hours.starts_at_minute <> excluded.starts_at_minute "
    "OR quiet_hours.ends_at_minute <> excluded.ends_at_minute OR quiet_hours.time_zone <> excluded.time_zone "
    "RETURNING owner_id"
)
_DROP_HOURS = "DELETE FROM quiet_hours WHERE owner_id = $1 RETURNING owner_id"
_SET_FREQUENCY = (
    "INSERT INTO email_preferences (owner_id, frequency) VALUES ($1, $2) "
    "ON CONFLICT (owner_id) DO UPDATE SET frequency = excluded.frequency "
    "WHERE email_preferences.frequency <> excluded.frequency RETURNING owner_id"
)

UpdateNotificationPreferencesSuccessRow = TypedDict(
    "UpdateNotificationPreferencesSuccessRow",
    {"__typename": Literal["UpdateNotificationPreferencesSuccess"], "preferences": NotificationPreferencesRow},
)


@dataclass(frozen=True, slots=True)
class PreferenceChanges:
    """The changed preferences: channels replace those of their kinds, and others stay.

    `quiet_hours` is read if `changes_quiet_hours`; None removes them. Its times are HH:MM. `email_frequency` is
    unchanged if it is None.
    """

    channels: Sequence[ChannelPreferenceRow] = ()
    quiet_hours: QuietHoursRow | None = None
    changes_quiet_hours: bool = False
    email_frequency: str | None = None


async def update_preferences(
    viewer: SignedIn, work: UnitOfWork, _resources: Resources, changes: PreferenceChanges
) -> UpdateNotificationPreferencesSuccessRow:
    """Changes the viewer's preferences and returns all. Raises `ProblemError` with the input that is invalid."""
    channels = _checked_channels(viewer.user_id, changes.channels)
    hours = None if changes.quiet_hours is None else _checked_hours(changes.quiet_hours)
    transaction = await work.transaction()
    if not await transaction.fetch(LOCK_OWNER, viewer.user_id):
        raise account_deleted()
    changed: list[object] = await transaction.fetch_with_rows(_SET_CHANNELS, _CHANNEL, channels)
    if changes.changes_quiet_hours:
        changed += await _set_hours(transaction, viewer.user_id, hours)
    if changes.email_frequency is not None:
        changed += await transaction.fetch(_SET_FREQUENCY, viewer.user_id, changes.email_frequency)
    event = NotificationPreferencesUpdated(actor_id=viewer.user_id)
    (work.emit if changed else work.repeat)(event)
    preferences = await notification_preferences(viewer, transaction)
    return {"__typename": "UpdateNotificationPreferencesSuccess", "preferences": preferences}


async def _set_hours(transaction: Queries, user_id: int, hours: tuple[int, int, str] | None) -> list[object]:
    """Stores or removes the quiet hours, and returns a row if that changed something."""
    if hours is None:
        return await transaction.fetch(_DROP_HOURS, user_id)
    return await transaction.fetch(_SET_HOURS, user_id, *hours)


def _checked_channels(user_id: int, channels: Sequence[ChannelPreferenceRow]) -> list[tuple[object, ...]]:
    """Returns the rows of channels, in the order of their keys."""
    kinds = [channel["kind"] for channel in channels]
    if len(set(kinds)) < len(kinds):
        raise invalid_input(_CHANNELS, "Name each kind of notification once.")
    for channel in channels:
        if channel["kind"] in ALWAYS_SENT and not (channel["in_app"] and channel["push"]):
            name = ALWAYS_SENT[channel["kind"]]
            raise invalid_input(_CHANNELS, f"Notifications of {name} are always shown in the app and sent by push.")
    return sorted((user_id, each["kind"], each["in_app"], each["push"], each["email"]) for each in channels)


def _checked_hours(hours: QuietHoursRow) -> tuple[int, int, str]:
    """Returns the minutes of start and end, counted from midnight, and IANA's name of the time zone."""
    start, end = _minute(hours["start"], f"{_HOURS}.start"), _minute(hours["end"], f"{_HOURS}.end")
    if start == end:
        raise invalid_input(f"{_HOURS}.end", "Send an end that differs from the start, or null for no quiet hours.")
    zone = time_zone(hours["time_zone"])
    if zone is None:
        raise invalid_input(f"{_HOURS}.timeZone", "Send the name of an IANA time zone, such as Europe/Lisbon.")
    return start, end, zone


def _minute(clock_time: str, field: str) -> int:
    found = _CLOCK_TIME.fullmatch(clock_time)
    if found is None:
        raise invalid_input(field, "Send a time from 00:00 to 23:59, as HH:MM.")
    return 60 * int(found[1]) + int(found[2])
