"""The hours in which a user receives no push notifications."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.notifications import QuietHoursRow


def quiet_until(quiet: QuietHoursRow | None, now: datetime) -> datetime | None:
    """Returns the end of the quiet hours that contain `now`, in UTC. None outside of them, and without any.

    The hours are those of the clock in the user's time zone, and end on the next day if the end is not after the start.
    A time that occurs twice, when clocks are set back, is its first occurrence. A time that does not occur, when they
    are set forward, is as much later. Hours of an unknown time zone are ignored.
    """
    if quiet is None:
        return None
    try:
        zone = ZoneInfo(quiet["time_zone"])
    except (LookupError, ValueError, OSError):
        return None
    start, end = time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"])
    nights = timedelta(days=1 if end <= start else 0)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins_at, ends_at = _instant(day, start, zone), _instant(day + nights, end, zone)
        if begins_at <= now < ends_at:
            return ends_at
    return None


def _instant(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time, zone).astimezone(UTC)
