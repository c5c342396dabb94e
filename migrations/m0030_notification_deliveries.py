"""The table of deliveries of notifications to phones and mailboxes."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE notification_deliveries (
        owner_id BIGINT NOT NULL,
        notification_id BIGINT NOT NULL,
        channel TEXT NOT NULL CHECK (channel IN ('PUSH', 'EMAIL')),
        device_id BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('SENDING', 'SENT', 'LATER', 'REJECTED', 'DEAD')),
        attempts BIGINT NOT NULL,
        sent BIGINT NOT NULL,
        begun_at TIMESTAMPTZ NOT NULL,
        sent_at TIMESTAMPTZ,
        shown_at TIMESTAMPTZ,
        due_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, notification_id, channel, device_id)
    )
    """,
    "CREATE INDEX notification_deliveries_by_age ON notification_deliveries (begun_at)",
]


class Migration(TortoiseMigration):
    """Creates the table."""

    dependencies = [("bff", "m0029_notification_groups")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
