"""The event log."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE event_log (
        tx BIGINT NOT NULL,
        id BIGINT NOT NULL,
        type TEXT NOT NULL,
        version BIGINT NOT NULL,
        actor_id BIGINT NOT NULL,
        data TEXT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (tx, id)
    )
    """,
]
"""`tx` is the id of the transaction, so that a reader can stop before the first transaction that is still open."""


class Migration(TortoiseMigration):
    """Creates the table of events, ordered by the start of their transactions."""

    dependencies = [("bff", "m0002_reads")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
