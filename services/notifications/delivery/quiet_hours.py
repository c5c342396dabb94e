"""The hours in which a user receives no push notifications."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from models.notifications import QuietHoursRow


def quiet_until(quiet: QuietHoursRow | None, now: datetime) -> datetime | None:
    """Returns the end of the quiet hours that contain `now`, in UTC. None outside of them, and without any.

    The hours are those of the clock in the user's time zone, and end on the next day if the end is not after the start.
    A time that occurs twice, when clocks are set back, is its first occurrence. A time that does not occur, when they
    are set forward, is as much later. Hours of an unknown time zone are ignored.
    """
    zone = zone_of(quiet)
    if quiet is None or zone is None:
        return None
    start, end = time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"])
    nights = timedelta(days=1 if end <= start else 0)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins_at, ends_at = instant_of(day, start, zone), instant_of(day + nights, end, zone)
        if begins_at <= now < ends_at:
            return ends_at
    return None


def zone_of(quiet: QuietHoursRow | None) -> ZoneInfo | None:
    """Returns the time zone of quiet hours. None without any, and for an unknown time zone."""
    try:
        return None if quiet is None else ZoneInfo(quiet["time_zone"])
    except (LookupError, ValueError, OSError):
        return None


def instant_of(day: date, clock_time: time, zone: tzinfo) -> datetime:
    """Returns the instant of a clock time in UTC, as `quiet_until` reads clock times."""
    return datetime.combine(day, clock_time, zone).astimezone(UTC)
