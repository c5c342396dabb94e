"""Events and jobs that an operator discarded."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE discarded_events (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        event_id BIGINT NOT NULL,
        handler TEXT NOT NULL,
        type TEXT NOT NULL,
        reason TEXT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        discarded_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, id, handler)
    )
    """,
]


class Migration(TortoiseMigration):
    """Creates the table of discarded events and jobs."""

    dependencies = [("bff", "m0017_relay_care")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
