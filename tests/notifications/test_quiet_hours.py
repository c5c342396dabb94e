"""Quiet hours: across midnight, and when clocks change."""

from datetime import UTC, datetime

import pytest

from models.notifications import QuietHoursRow
from services.notifications.delivery.quiet_hours import quiet_until


def hours(start: str, end: str, time_zone: str = "Europe/Lisbon") -> QuietHoursRow:
    return {"start": start, "end": end, "time_zone": time_zone}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT, NOON = hours("22:00", "07:00"), hours("12:00", "13:30")
TOKYO = hours("22:00", "07:00", "Asia/Tokyo")
CASES = [
    (NIGHT, "2026-11-30 21:59:59", None),
    (NIGHT, "2026-11-30 22:00", "2026-12-01 07:00"),
    (NIGHT, "2026-12-01 00:00", "2026-12-01 07:00"),
    (NIGHT, "2026-12-01 06:59:59.999999", "2026-12-01 07:00"),
    (NIGHT, "2026-12-01 07:00", None),
    (NIGHT, "2026-07-01 20:59", None),
    (NIGHT, "2026-07-01 21:00", "2026-07-02 06:00"),
    (NOON, "2026-11-30 11:59", None),
    (NOON, "2026-11-30 12:00", "2026-11-30 13:30"),
    (NOON, "2026-11-30 13:30", None),
    (TOKYO, "2026-11-30 13:00", "2026-11-30 22:00"),
    (TOKYO, "2026-11-30 22:00", None),
    (hours("22:00", "07:00", "Pacific/Kiritimati"), "2026-11-30 08:00", "2026-11-30 17:00"),
    (hours("22:00", "07:00", "America/Los_Angeles"), "2026-11-30 14:59", "2026-11-30 15:00"),
]
"""Quiet hours, an instant in UTC, and the end of the quiet hours that contain it."""

IN_BERLIN = [
    ("2026-03-28 21:00", "2026-03-29 05:00"),
    ("2026-03-29 04:59", "2026-03-29 05:00"),
    ("2026-03-29 05:00", None),
    ("2026-10-24 20:00", "2026-10-25 06:00"),
    ("2026-10-25 05:59", "2026-10-25 06:00"),
    ("2026-10-25 06:00", None),
]
"""The nights in which clocks are set forward and back. The first is an hour shorter, the second an hour longer."""

AT_THE_CHANGE = [
    (hours("01:00", "02:30", "Europe/Berlin"), "2026-03-29 00:30", "2026-03-29 01:30"),
    (hours("01:00", "02:30", "Europe/Berlin"), "2026-03-29 01:30", None),
    (hours("01:00", "02:30", "Europe/Berlin"), "2026-10-25 00:29", "2026-10-25 00:30"),
    (hours("01:00", "02:30", "Europe/Berlin"), "2026-10-25 00:30", None),
    (hours("01:00", "02:30", "Europe/Berlin"), "2026-10-25 01:15", None),
    (hours("02:30", "04:00", "Europe/Berlin"), "2026-10-25 00:30", "2026-10-25 03:00"),
]
"""Hours that begin or end in the hour that is left out or occurs twice."""


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [*CASES, *((hours("22:00", "07:00", "Europe/Berlin"), *case) for case in IN_BERLIN), *AT_THE_CHANGE],
)
def test_quiet_hours_end_by_the_clock_of_their_time_zone(quiet: QuietHoursRow, now: str, until: str | None) -> None:
    assert quiet_until(quiet, at(now)) == (at(until) if until else None)


@pytest.mark.parametrize("time_zone", ["Mars/Olympus", "", "../../etc/passwd", "Europe"])
def test_hours_of_an_unknown_time_zone_are_ignored(time_zone: str) -> None:
    assert quiet_until(hours("00:00", "23:59", time_zone), at("2026-11-30 12:00")) is None


def test_without_quiet_hours_none_contain_an_instant() -> None:
    assert quiet_until(None, at("2026-11-30 03:00")) is None
