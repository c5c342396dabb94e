"""Indexes that find dead letters by their event, built while the tables are in use."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

INDEXES = {"dead_events_by_id": "dead_events (id)", "dead_jobs_by_event": "dead_jobs (event_id)"}

STATEMENTS = [f"CREATE INDEX {name} ON {on}" for name, on in INDEXES.items()]
"""For tests that read what migrations do."""


class Migration(TortoiseMigration):
    """Without them `bff events replay --all` reads the whole table once for each dead letter."""

    atomic = False
    dependencies = [("bff", "m0019_heartbeats")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(name, on) for name, on in INDEXES.items()]  # noqa: RUF012 - as above
