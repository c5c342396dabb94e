"""Tables of a size for which plans matter, and everything that workers do."""

from typing import Any

from adapters.database import Queries
from core.ids import EPOCH
from events import EVENTS
from services.event_log.log import LogPosition
from services.jobs import JobKey, NewJob, Scheduler, dead_jobs, enqueue, measure_backlog, replay_jobs
from services.relay import dead_events, measure_lag, replay_event
from services.resources import Resources
from services.search.word_index import TOKENIZER
from services.unit_of_work import unit_of_work
from tests.support.jobs import run_due
from tests.support.relay import drained
from tests.support.timing import no_hang
from workers.handlers import HANDLERS

FILLED = 20_000
"""Rows that a table is filled up to."""

SMALL = {
    "audit_totals",
    "document_revisions",
    "job_schedules",
    "key_holders",
    "key_states",
    "relay_positions",
    "tortoise_migrations",
    "heartbeats",
    "usage_days",
}
"""Tables that stay small, whatever happens."""

_OF_THE_LEDGER = ("wallets", "ledger_entries", "payments", "payment_parties", "open_payments", "provider_payments")
"""Tables whose triggers reject rows that no movement of money has written."""

_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)
_VALUES = {
    "bigint": "1000000 + g",
    "boolean": "false",
    "bytea": "convert_to('x' || g, 'UTF8')",
    "date": "CURRENT_DATE - g / 100",
    "text": "'x' || g",
    "timestamp with time zone": "now() - g * interval '10 minutes'",
}
_CHOSEN = {
    "devices.platform": "'IOS'",
    "notification_deliveries.channel": "'PUSH'",
    "notification_deliveries.state": "'SENT'",
    "email_preferences.frequency": "'DAILY'",
    "notification_digests.state": "'SENT'",
    "push_tokens.provider": "'FCM'",
    "quiet_hours.starts_at_minute": "60",
    "quiet_hours.ends_at_minute": "90",
    "inbox_marks.kind": "'SEEN'",
    "follows.followee_id": "3000000 + g",
    "blocks.other_id": "3000000 + g",
    "dead_events.data": "'{}'",
    "dead_events.partition": "g % 8",
    "dead_events.type": "'PersonJoined'",
    "dead_events.version": "1",
    "event_log.occurred_at": "now() - (20001 - g) * interval '10 minutes'",
    "event_log.partition": "g % 8",
    "event_log.tx": "1",
    "jobs.due_at": "now() + interval '1 day'",
    "stream_entries.place": "1",
    "streams.first_place": "1",
    "streams.last_place": "1",
}
_PROJECTED = "UPDATE relay_positions SET tx = 1, id = 2000000"
_EXPORT = (
    "INSERT INTO data_exports SELECT id, id, now(), 0, 0, 0, 0, NULL, now() + interval '1 day' FROM users "
    "ON CONFLICT DO NOTHING"
)
_ENDED = "UPDATE refresh_families SET ended_at = expires_at WHERE id % 2 = 0"
_INDEXED = f"UPDATE users SET words_key = {TOKENIZER << 32} WHERE words_key IS NULL"
_STALE = "UPDATE posts SET words_key = NULL WHERE author_id IN (SELECT id FROM users ORDER BY id LIMIT 30)"


async def fill(queries: Queries) -> None:
    """Brings each table that is not small up to `FILLED` rows, which belong to people that do not exist."""
    tables: dict[str, dict[str, str]] = {}
    for row in await queries.fetch(_COLUMNS):
        if row["is_nullable"] == "NO" and row["table_name"] not in SMALL:
            tables.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    for table in _OF_THE_LEDGER:
        await queries.fetch(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, columns in tables.items():
        (found,) = await queries.fetch(f"SELECT COUNT(*) AS number FROM {table}")
        values = [_CHOSEN.get(f"{table}.{name}", _VALUES[kind]) for name, kind in columns.items()]
        await queries.fetch(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM generate_series(1, $1) g",
            FILLED - found["number"],
        )
    for table in _OF_THE_LEDGER:
        await queries.fetch(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for statement in (_PROJECTED, _ENDED, _EXPORT, _INDEXED, _STALE):
        await queries.fetch(statement)
    await queries.dialect.analyze(queries.client)


async def work_through(resources: Resources, owner_id: int, other_id: int, post_id: int) -> None:
    """Projects an event of every type, does a job of every handler, and looks at what is left and what has died."""
    some = {"post_id": post_id, "followee_id": other_id, "author_id": other_id}
    async with unit_of_work(resources) as work:
        for made in EVENTS.values():
            fields: dict[str, Any] = {name: some.get(name, owner_id) for name in made.__struct_fields__}
            work.emit(made(**fields))
    await drained(resources)
    await resources.database.fetch("DELETE FROM jobs WHERE owner_id = $1", owner_id)
    for handler in sorted(HANDLERS, key=lambda name: name.startswith("erase")):
        await _do(resources, handler, owner_id)
    await Scheduler().make_jobs(resources)
    await measure_lag(resources.database, resources.clock())
    await measure_backlog(resources.database)
    for event in await dead_events(resources.database, 1):
        assert await replay_event(resources, event.id)
    for job in await dead_jobs(resources.database, 1):
        assert await replay_jobs(resources, job.event_id) == 1


async def _do(resources: Resources, handler: str, owner_id: int) -> None:
    """Does a job until nothing of it is left, whenever it wants to go on."""
    key = JobKey(owner_id, resources.ids.next(), handler)
    data = f'{{"since_id":0,"export_id":{owner_id},"method_id":{owner_id}}}'
    async with resources.database.transaction() as transaction:
        await enqueue(transaction, [NewJob(key, LogPosition(2, key.event_id), data)], resources.clock())
    async with no_hang():
        while await resources.database.fetch("SELECT handler FROM jobs WHERE owner_id = $1", owner_id):
            await resources.database.fetch("UPDATE jobs SET due_at = $2 WHERE owner_id = $1", owner_id, EPOCH)
            await run_due(resources, HANDLERS)
            await drained(resources)
