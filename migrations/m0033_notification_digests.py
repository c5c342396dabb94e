"""The tables of the frequency of e-mails, and of digests."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE email_preferences (
        owner_id BIGINT NOT NULL PRIMARY KEY,
        frequency TEXT NOT NULL CHECK (frequency IN ('IMMEDIATE', 'DAILY', 'WEEKLY'))
    )
    """,
    """
    CREATE TABLE notification_digests (
        owner_id BIGINT NOT NULL,
        period_id BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('SENDING', 'SENT', 'LATER', 'REJECTED', 'DEAD')),
        attempts BIGINT NOT NULL,
        begun_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, period_id)
    )
    """,
    "CREATE INDEX notification_digests_by_age ON notification_digests (begun_at)",
]


class Migration(TortoiseMigration):
    """Creates the tables."""

    dependencies = [("bff", "m0032_notification_actors")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
