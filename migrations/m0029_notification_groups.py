"""The tables of grouped notifications: the facts of each, and the latest group of each key."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    "ALTER TABLE notifications ADD COLUMN cause TEXT",
    """
    CREATE TABLE notification_facts (
        owner_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        fact_id BIGINT NOT NULL,
        actor_id BIGINT NOT NULL,
        notification_id BIGINT NOT NULL,
        acted_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, kind, fact_id, actor_id)
    )
    """,
    "CREATE INDEX notification_facts_by_notification ON notification_facts (owner_id, notification_id, actor_id)",
    """
    CREATE TABLE notification_groups (
        owner_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        group_key BIGINT NOT NULL,
        notification_id BIGINT NOT NULL,
        opened_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, kind, group_key)
    )
    """,
    """
    CREATE INDEX notification_facts_latest
        ON notification_facts (owner_id, notification_id, acted_at, fact_id, actor_id)
    """,
    "CREATE INDEX notification_facts_by_age ON notification_facts (acted_at)",
    "CREATE INDEX notification_groups_by_age ON notification_groups (opened_at)",
]


class Migration(TortoiseMigration):
    """Adds the column and creates the tables."""

    dependencies = [("bff", "m0028_inbox_marks")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
