"""Indexes that find dead letters by their event, built without blocking writes."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

INDEXES = {"dead_events_by_id": "dead_events (id)", "dead_jobs_by_event": "dead_jobs (event_id)"}

STATEMENTS = [f"CREATE INDEX {name} ON {on}" for name, on in INDEXES.items()]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds indexes without which `bff events replay --all` reads the whole table once per dead letter."""

    atomic = False
    dependencies = [("bff", "m0019_heartbeats")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(name, on) for name, on in INDEXES.items()]  # noqa: RUF012 - Tortoise reads it from the class
