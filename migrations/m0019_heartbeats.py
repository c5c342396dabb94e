"""Heartbeats of background loops and scheduled handlers."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE heartbeats (
        task TEXT NOT NULL,
        process_id BIGINT NOT NULL,
        seen_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (task, process_id)
    )
    """,
    "INSERT INTO heartbeats (task, process_id, seen_at) SELECT handler, 0, slot_at FROM job_schedules",
]


class Migration(TortoiseMigration):
    """Creates the table of heartbeats. A scheduled handler counts as completed at the time at which it was last due."""

    dependencies = [("bff", "m0018_discarded_events")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
