"""Indexes that find old rows, built without blocking writes."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

INDEXES = {
    "idempotency_keys_by_age": "idempotency_keys (created_at)",
    "dead_events_by_age": "dead_events (died_at)",
    "dead_jobs_by_age": "dead_jobs (died_at)",
    "usage_shapes_by_age": "usage_shapes (last_seen_on)",
}

STATEMENTS = [f"CREATE INDEX {name} ON {on}" for name, on in INDEXES.items()]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds indexes without which each run of retention reads whole tables."""

    atomic = False
    dependencies = [("bff", "m0015_keys")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(name, on) for name, on in INDEXES.items()]  # noqa: RUF012 - Tortoise reads it from the class
