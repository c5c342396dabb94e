"""Decides which notifications go into a digest, and when it is due."""

from datetime import UTC, datetime, time, timedelta

from adapters.database import Queries
from core.ids import id_at
from models.notification_digests import DEFAULT_FREQUENCY
from models.notifications import ALWAYS_SENT, NotificationPreferencesRow
from services.event_log.log import LogPosition
from services.jobs.job import JobKey
from services.jobs.table import NewJob, enqueue
from services.notifications.delivery.quiet_hours import instant_of, zone_of

HANDLER = "send_digest"

_WEEKLY = "WEEKLY"
_SENT_AT = time(8)
_DAYS_OF_WEEK = 7


def is_collected(kind: str, preferences: NotificationPreferencesRow) -> bool:
    """Returns whether mails of a kind wait for a digest. Those of failed payments and security never do."""
    return preferences["email_frequency"] != DEFAULT_FREQUENCY and kind not in ALWAYS_SENT


def next_digest_at(preferences: NotificationPreferencesRow, now: datetime) -> datetime:
    """Returns the next time at which a digest is due: 08:00 of a day, or of a Monday.

    The time zone is that of the quiet hours. It is UTC without quiet hours, and for an unknown time zone.
    """
    zone = zone_of(preferences["quiet_hours"]) or UTC
    day, is_weekly = now.astimezone(zone).date(), preferences["email_frequency"] == _WEEKLY
    if is_weekly:
        day += timedelta(days=-day.weekday() % _DAYS_OF_WEEK)
    due_at = instant_of(day, _SENT_AT, zone)
    if due_at <= now:
        due_at = instant_of(day + timedelta(days=_DAYS_OF_WEEK if is_weekly else 1), _SENT_AT, zone)
    return due_at


def is_premature(preferences: NotificationPreferencesRow, due_at: datetime) -> bool:
    """Returns whether a digest was planned for a day, and the user has chosen weekly ones since then."""
    zone = zone_of(preferences["quiet_hours"]) or UTC
    return preferences["email_frequency"] == _WEEKLY and due_at.astimezone(zone).weekday() != 0


async def plan_digest(
    transaction: Queries, owner_id: int, preferences: NotificationPreferencesRow, now: datetime
) -> None:
    """Creates the job of the next digest of a user, unless there is one."""
    due_at = next_digest_at(preferences, now)
    key = JobKey(owner_id, id_at(due_at), HANDLER)
    await enqueue(transaction, [NewJob(key, LogPosition(0, key.event_id), "{}")], due_at)
