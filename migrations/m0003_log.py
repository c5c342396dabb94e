"""The log of what happened."""

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
"""`tx` is the transaction's, so that a reader can stop before the first one that is not over yet."""


class Migration(TortoiseMigration):
    """Events, in the order in which their transactions began."""

    dependencies = [("bff", "m0002_reads")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - as above
