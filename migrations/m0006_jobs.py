"""Jobs, dead jobs, and the schedule of regular jobs."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE jobs (
        owner_id BIGINT NOT NULL,
        event_id BIGINT NOT NULL,
        handler TEXT NOT NULL,
        event_tx BIGINT NOT NULL,
        data TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        lease BIGINT NOT NULL,
        due_at TIMESTAMPTZ NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, event_id, handler)
    )
    """,
    "CREATE INDEX jobs_due ON jobs (due_at)",
    """
    CREATE TABLE dead_jobs (
        owner_id BIGINT NOT NULL,
        event_id BIGINT NOT NULL,
        handler TEXT NOT NULL,
        event_tx BIGINT NOT NULL,
        data TEXT NOT NULL,
        error TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        died_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, event_id, handler)
    )
    """,
    "CREATE TABLE job_schedules (handler TEXT NOT NULL PRIMARY KEY, slot_at TIMESTAMPTZ NOT NULL)",
]


class Migration(TortoiseMigration):
    """Creates the tables of jobs."""

    dependencies = [("bff", "m0005_fan_out")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
