"""Indexes of notifications that are listed, and of those that retention deletes, built without blocking writes."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

INDEXES = {
    "notifications_listed": "notifications (owner_id, id, seen_at, read_at) WHERE archived_at IS NULL",
    "notifications_by_kind": "notifications (owner_id, kind, id) WHERE archived_at IS NULL",
    "notifications_by_age": "notifications (created_at)",
    "notifications_archived": "notifications (archived_at) WHERE archived_at IS NOT NULL",
}

STATEMENTS = [f"CREATE INDEX {name} ON {on}" for name, on in INDEXES.items()]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds the indexes."""

    atomic = False
    dependencies = [("bff", "m0030_notification_deliveries")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(name, on) for name, on in INDEXES.items()]  # noqa: RUF012 - Tortoise reads it from the class
