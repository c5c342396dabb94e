"""Marks of inboxes: positions up to which notifications are seen and read, and the time of each mark."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    "ALTER TABLE notification_counts ADD COLUMN seen_up_to BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE notification_counts ADD COLUMN read_up_to BIGINT NOT NULL DEFAULT 0",
    """
    CREATE TABLE inbox_marks (
        owner_id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('SEEN', 'READ')),
        up_to BIGINT NOT NULL,
        marked_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, kind, up_to)
    )
    """,
    "CREATE INDEX inbox_marks_by_age ON inbox_marks (marked_at)",
]


class Migration(TortoiseMigration):
    """Adds the positions to the counts, and creates the table of marks."""

    dependencies = [("bff", "m0027_payment_disputes")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
