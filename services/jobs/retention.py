"""Forgetting what has been kept long enough."""

from datetime import datetime, timedelta

from adapters.database import Queries
from services.jobs.job import Job, Outcome
from services.log import PARTITIONS
from services.resources import Resources
from services.streams import trim_streams
from services.unit_of_work import UnitOfWork
from services.usage import forget_usage
from services.users.expiry import end_expired_sessions

AT_ONCE = 5000
"""Rows of each kind that one run forgets."""

KEPT_KEYS = timedelta(days=30)
"""Longer than any app goes on repeating a request."""

_LOG = (
    "DELETE FROM event_log WHERE (partition, tx, id) IN (SELECT o.partition, o.tx, o.id FROM ("
    "SELECT e.partition, e.tx, e.id, e.occurred_at FROM event_log e JOIN relay_positions p "
    "ON p.partition = e.partition AND (e.tx, e.id) <= (p.tx, p.id) WHERE e.partition = $1 ORDER BY e.tx, e.id LIMIT $2"
    ") o WHERE o.occurred_at < $3) RETURNING id"
)
_DEAD_EVENTS = (
    "DELETE FROM dead_events WHERE (partition, tx, id) IN "
    "(SELECT partition, tx, id FROM dead_events WHERE died_at < $1 LIMIT $2) RETURNING id"
)
_DEAD_JOBS = (
    "DELETE FROM dead_jobs WHERE (owner_id, event_id, handler) IN "
    "(SELECT owner_id, event_id, handler FROM dead_jobs WHERE died_at < $1 LIMIT $2) RETURNING event_id"
)
_REVOKED = (
    "DELETE FROM revoked_devices WHERE (owner_id, device_id) IN "
    "(SELECT owner_id, device_id FROM revoked_devices WHERE revoked_at < $1 LIMIT $2) RETURNING device_id"
)
_FAMILIES = (
    "DELETE FROM refresh_families WHERE (owner_id, id) IN "
    "(SELECT owner_id, id FROM refresh_families WHERE expires_at < $1 LIMIT $2) RETURNING id"
)
_KEYS = (
    "DELETE FROM idempotency_keys WHERE (owner_id, key) IN "
    "(SELECT owner_id, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2) RETURNING key"
)
_EXPORT_PARTS = (
    "DELETE FROM data_export_parts WHERE (owner_id, export_id, place) IN (SELECT p.owner_id, p.export_id, p.place "
    "FROM data_exports x JOIN data_export_parts p ON p.owner_id = x.owner_id AND p.export_id = x.id "
    "WHERE x.expires_at < $1 LIMIT $2) RETURNING place"
)
_EXPORTS = (
    "DELETE FROM data_exports WHERE (owner_id, id) IN (SELECT x.owner_id, x.id FROM data_exports x "
    "WHERE x.expires_at < $1 AND NOT EXISTS (SELECT 1 FROM data_export_parts p "
    "WHERE p.owner_id = x.owner_id AND p.export_id = x.id) LIMIT $2) RETURNING id"
)


async def forget_old(work: UnitOfWork, resources: Resources, _job: Job) -> Outcome:
    """Streams, projected events, dead letters, keys, what is left of sessions, exports, usage: some of each."""
    transaction, now, settings = await work.writing(), resources.clock(), resources.settings

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    more = [
        await trim_streams(transaction, before(settings.stream_days), AT_ONCE),
        await _forget_log(transaction, before(settings.log_days)),
        await _forget(transaction, _DEAD_EVENTS, before(settings.dead_days)),
        await _forget(transaction, _DEAD_JOBS, before(settings.dead_days)),
        await _forget(transaction, _KEYS, now - KEPT_KEYS),
        await end_expired_sessions(transaction, now, AT_ONCE),
        await _forget(transaction, _FAMILIES, before(1)),
        await _forget(transaction, _REVOKED, before(1)),
        await _forget(transaction, _EXPORT_PARTS, now),
        await _forget(transaction, _EXPORTS, now),
        await forget_usage(transaction, before(settings.usage_days).date(), AT_ONCE),
    ]
    return Outcome.MORE if any(more) else Outcome.DONE


async def _forget(transaction: Queries, sql: str, before: datetime) -> bool:
    return len(await transaction.fetch(sql, before, AT_ONCE)) == AT_ONCE


async def _forget_log(transaction: Queries, before: datetime) -> bool:
    """From the front of each partition, and only what is behind its position."""
    found = [await transaction.fetch(_LOG, partition, AT_ONCE, before) for partition in range(PARTITIONS)]
    return any(len(rows) == AT_ONCE for rows in found)
