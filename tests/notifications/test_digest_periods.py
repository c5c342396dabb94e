"""Digests are due at 08:00 of the user's clock, also when clocks change."""

from datetime import timedelta

import pytest

from models.notifications import NotificationPreferencesRow
from services.notifications.delivery.digest_periods import is_collected, is_premature, next_digest_at
from tests.support.digests import at


def preferences(frequency: str, time_zone: str | None = None) -> NotificationPreferencesRow:
    quiet = None if time_zone is None else {"start": "22:00", "end": "06:00", "time_zone": time_zone}
    return {"quiet_hours": quiet, "email_frequency": frequency, "channels": []}  # type: ignore[typeddict-item] - a literal


DAILY = [
    (None, "2026-11-30 07:59:59", "2026-11-30 08:00"),
    (None, "2026-11-30 08:00", "2026-12-01 08:00"),
    (None, "2026-12-31 23:59", "2027-01-01 08:00"),
    ("Asia/Tokyo", "2026-11-30 22:59", "2026-11-30 23:00"),
    ("Asia/Tokyo", "2026-11-30 23:00", "2026-12-01 23:00"),
    ("America/Los_Angeles", "2026-11-30 15:59", "2026-11-30 16:00"),
    ("Pacific/Kiritimati", "2026-11-30 18:00", "2026-12-01 18:00"),
    ("Mars/Olympus", "2026-11-30 09:00", "2026-12-01 08:00"),
    ("Europe/Berlin", "2026-03-28 07:00", "2026-03-29 06:00"),
    ("Europe/Berlin", "2026-03-27 07:00", "2026-03-28 07:00"),
    ("Europe/Berlin", "2026-10-24 06:00", "2026-10-25 07:00"),
    ("Europe/Berlin", "2026-10-23 06:00", "2026-10-24 06:00"),
]
"""A time zone, an instant in UTC, and the next digest. The last four are around the changes of clocks."""

WEEKLY = [
    (None, "2026-11-30 07:59", "2026-11-30 08:00"),
    (None, "2026-11-30 08:00", "2026-12-07 08:00"),
    (None, "2026-12-06 23:00", "2026-12-07 08:00"),
    ("Asia/Tokyo", "2026-11-29 22:00", "2026-11-29 23:00"),
    ("Asia/Tokyo", "2026-11-29 23:00", "2026-12-06 23:00"),
    ("America/Los_Angeles", "2026-11-30 08:00", "2026-11-30 16:00"),
    ("Europe/Berlin", "2026-03-23 07:00", "2026-03-30 06:00"),
    ("Europe/Berlin", "2026-10-19 06:00", "2026-10-26 07:00"),
]


@pytest.mark.parametrize(
    ("frequency", "time_zone", "now", "due"),
    [*(("DAILY", *case) for case in DAILY), *(("WEEKLY", *case) for case in WEEKLY)],
)
def test_a_digest_is_due_at_eight_by_the_clock_of_the_user(
    frequency: str, time_zone: str | None, now: str, due: str
) -> None:
    assert next_digest_at(preferences(frequency, time_zone), at(now)) == at(due)


@pytest.mark.parametrize("time_zone", [None, "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_each_day_of_a_year_has_one_digest(time_zone: str | None) -> None:
    chosen, now, days = preferences("DAILY", time_zone), at("2026-01-01 00:00"), list[str]()
    for _ in range(365):
        due = next_digest_at(chosen, now)
        assert timedelta() < due - now <= timedelta(hours=25)
        days.append(str(due.date()))
        now = due
    assert len({*days}) == 365


def test_a_digest_of_another_day_than_monday_is_premature_for_weekly_ones() -> None:
    assert not is_premature(preferences("WEEKLY"), at("2026-11-30 08:00"))
    assert is_premature(preferences("WEEKLY"), at("2026-12-01 08:00"))
    assert not is_premature(preferences("WEEKLY", "Asia/Tokyo"), at("2026-11-29 23:00"))
    assert not is_premature(preferences("DAILY"), at("2026-12-01 08:00"))
    assert not is_premature(preferences("IMMEDIATE"), at("2026-12-01 08:00"))


def test_security_and_failed_payments_are_never_collected() -> None:
    kinds = ("LIKE", "REFUND", "SECURITY", "PAYMENT_FAILED")
    for frequency, expected in (("IMMEDIATE", []), ("DAILY", ["LIKE", "REFUND"]), ("WEEKLY", ["LIKE", "REFUND"])):
        assert [kind for kind in kinds if is_collected(kind, preferences(frequency))] == expected
