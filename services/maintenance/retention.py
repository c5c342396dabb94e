"""Retention: deletes rows after their retention period."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta

from core.clock import system_clock
from core.errors import Contended
from core.settings import Settings
from models import cache_tags
from services.announcements import announce_changes
from services.database_time import earliest_now
from services.event_log.event_streams import trim_streams
from services.jobs.job import Job, Outcome
from services.maintenance.log_retention import delete_old_events
from services.maintenance.partitions import EVENT_LOG, USAGE_COUNTS, grace
from services.notifications.old_notifications import delete_old_notifications
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.expired_sessions import end_expired_sessions

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""The number of rows that one transaction deletes."""

KEPT_KEYS = timedelta(days=30)
"""Longer than any app repeats a request."""

KEPT_EVENTS = timedelta(days=30)
"""Longer than any payment provider repeats a webhook."""

KEPT_NOTIFICATIONS = timedelta(days=365)
KEPT_ARCHIVED = timedelta(days=30)
"""Notifications that were archived so long ago are deleted, however new they are."""

KEPT_DELIVERIES = timedelta(days=30)
"""Longer than any notification is sent."""

_SHARE = 0.5
"""The share of a job's time after which no further batch begins."""

Deletion = Callable[[Resources, datetime], Awaitable[bool]]
"""Deletes a batch as of an instant, in a transaction of its own, and returns whether there may be more."""


def _rows(table: str, key: str, dated: str, kept: Callable[[Settings], timedelta], only: str = "") -> Deletion:
    """Returns a deletion of rows older than their retention period. An index must begin with the column `dated`."""
    old = f"{dated} < $1{only}"
    sql = (
        f"DELETE FROM {table} WHERE ({key}) IN "  # noqa: S608 - built from constants
        f"(SELECT {key} FROM {table} WHERE {old} ORDER BY {dated} LIMIT $2) AND {old} RETURNING {dated}"
    )

    async def forget(resources: Resources, now: datetime) -> bool:
        return await _delete(resources, sql, _limit(dated, now - kept(resources.settings)))

    return forget


def _limit(dated: str, before: datetime) -> datetime | date:
    return before.date() if dated.endswith("_on") else before


async def _delete(resources: Resources, sql: str, before: datetime | date) -> bool:
    return len(await resources.database.fetch(sql, before, AT_ONCE)) == AT_ONCE


_EXPIRED = "SELECT owner_id, id FROM data_exports WHERE expires_at < $1 ORDER BY expires_at LIMIT 20"
_EXPORT_PARTS = (
    "DELETE FROM data_export_parts WHERE (owner_id, export_id, place) IN (SELECT p.owner_id, p.export_id, p.place "  # noqa: S608 - built from constants
    f"FROM ({_EXPIRED}) x JOIN data_export_parts p ON p.owner_id = x.owner_id AND p.export_id = x.id LIMIT $2) "
    "RETURNING place"
)
_EXPORTS = (
    f"DELETE FROM data_exports WHERE (owner_id, id) IN (SELECT x.owner_id, x.id FROM ({_EXPIRED}) x "  # noqa: S608 - as above
    "WHERE NOT EXISTS (SELECT 1 FROM data_export_parts p WHERE p.owner_id = x.owner_id AND p.export_id = x.id)) "
    "RETURNING id"
)


async def _streams(resources: Resources, now: datetime) -> bool:
    async with resources.database.transaction() as transaction:
        before = now - timedelta(days=resources.settings.stream_days)
        return await trim_streams(transaction, before, now, AT_ONCE) == AT_ONCE


async def _log(resources: Resources, now: datetime) -> bool:
    before = now - timedelta(days=resources.settings.log_days) - await grace(resources, EVENT_LOG)
    return await delete_old_events(resources.database, before, now, AT_ONCE)


async def _uses(resources: Resources, now: datetime) -> bool:
    return await _usage_counts(resources, now - await grace(resources, USAGE_COUNTS))


async def _notifications(resources: Resources, now: datetime) -> bool:
    """Announces the inboxes after the commit, because responses of their owners may be stored."""
    async with resources.database.transaction() as transaction:
        deleted = await delete_old_notifications(transaction, now - KEPT_NOTIFICATIONS, AT_ONCE)
    await announce_changes(resources, [], set(map(cache_tags.notifications_of, deleted.owners)))
    return deleted.notifications == AT_ONCE


async def _sessions(resources: Resources, now: datetime) -> bool:
    """Ends sessions first, because a device is found by its session."""
    async with resources.database.transaction() as transaction:
        expired = await end_expired_sessions(transaction, now, AT_ONCE)
    return await _ended_sessions(resources, now) or expired


async def _exports(resources: Resources, now: datetime) -> bool:
    """Deletes parts first, because they are found by their export."""
    full = await _delete(resources, _EXPORT_PARTS, now)
    return bool(await resources.database.fetch(_EXPORTS, now)) or full


def _dead(settings: Settings) -> timedelta:
    return timedelta(days=settings.dead_days)


def _usage(settings: Settings) -> timedelta:
    return timedelta(days=settings.usage_days)


def _a_day(_settings: Settings) -> timedelta:
    return timedelta(days=1)


_NOTHING_MARKED = (
    " AND NOT EXISTS (SELECT 1 FROM notifications n "
    "WHERE n.owner_id = inbox_marks.owner_id AND n.id <= inbox_marks.up_to)"
)
"""A mark has the times of the notifications up to it, so it is deleted after them."""

_NOT_LISTED = (
    " AND NOT EXISTS (SELECT 1 FROM notifications n "
    "WHERE n.owner_id = notification_facts.owner_id AND n.id = notification_facts.notification_id)"
)
"""The actors of a notification are those of its facts, so they are deleted after it."""

_usage_counts = _rows("usage_counts", "seen_on, app, version, operation, shape", "seen_on", _usage)
_ended_sessions = _rows("refresh_families", "owner_id, id", "expires_at", _a_day, only=" AND ended_at IS NOT NULL")

RETENTION_KINDS: Mapping[str, Deletion] = {
    "streams": _streams,
    "events": _log,
    "dead events": _rows("dead_events", "partition, tx, id", "died_at", _dead),
    "dead jobs": _rows("dead_jobs", "owner_id, event_id, handler", "died_at", _dead),
    "idempotency keys": _rows(
        "idempotency_keys", "owner_id, operation, key", "created_at", lambda _settings: KEPT_KEYS
    ),
    "notifications": _notifications,
    "archived notifications": _rows("notifications", "owner_id, id", "archived_at", lambda _settings: KEPT_ARCHIVED),
    "inbox marks": _rows(
        "inbox_marks", "owner_id, kind, up_to", "marked_at", lambda _settings: KEPT_NOTIFICATIONS, only=_NOTHING_MARKED
    ),
    "notification facts": _rows(
        "notification_facts",
        "owner_id, kind, fact_id, actor_id",
        "acted_at",
        lambda _settings: KEPT_NOTIFICATIONS,
        only=_NOT_LISTED,
    ),
    "notification groups": _rows(
        "notification_groups", "owner_id, kind, group_key", "opened_at", lambda _settings: KEPT_NOTIFICATIONS
    ),
    "provider events": _rows("provider_events", "provider, event_id", "received_at", lambda _settings: KEPT_EVENTS),
    "deliveries": _rows(
        "notification_deliveries",
        "owner_id, notification_id, channel, device_id",
        "begun_at",
        lambda _settings: KEPT_DELIVERIES,
    ),
    "digests": _rows("notification_digests", "owner_id, period_id", "begun_at", lambda _settings: KEPT_DELIVERIES),
    "sessions": _sessions,
    "revocations": _rows("revoked_devices", "owner_id, device_id", "revoked_at", _a_day),
    "exports": _exports,
    "uses": _uses,
    "used shapes": _rows("usage_shapes", "hash", "last_seen_on", _usage),
    "days of use": _rows("usage_days", "seen_on", "seen_on", _usage),
}
"""The deletions by the names that the log uses."""


async def forget_old(_work: UnitOfWork, resources: Resources, _job: Job) -> Outcome:
    """Deletes old rows, for at most half of a job's time."""
    return await forget(resources, RETENTION_KINDS, _SHARE * resources.settings.work_deadline)


async def forget(resources: Resources, kinds: Mapping[str, Deletion], seconds: float) -> Outcome:
    """Deletes batches of each kind in turn, until no old row is left or the time is over.

    A kind that fails is logged and counted, and the others continue; the next run tries it again. The order is random,
    so that no kind always lacks time. If every kind fails, the last error is raised. The age is determined by the
    database's clock or this machine's, whichever is behind.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    now = await earliest_now(resources.database, resources.clock(), system_clock())
    waiting = random.sample(list(kinds), len(kinds))
    failures = list[Exception]()
    while waiting and loop.time() < ends_at:
        kind = waiting.pop(0)
        try:
            if await kinds[kind](resources, now):
                waiting.append(kind)
        except Contended:
            waiting.append(kind)
        except Exception as error:  # noqa: BLE001 - it is counted, and the others continue
            resources.background.report_failure(f"forget_old: {kind}", error)
            failures.append(error)
    if len(failures) == len(kinds):
        raise failures[-1]
    return Outcome.MORE if waiting else Outcome.DONE
