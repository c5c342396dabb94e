"""An index of notifications by their latest actor, built without blocking writes: blocks hide these notifications."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

NAME, ON = "notifications_by_actor", "notifications (owner_id, actor_id) WHERE archived_at IS NULL"

STATEMENTS = [f"CREATE INDEX {NAME} ON {ON}"]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds the index."""

    atomic = False
    dependencies = [("bff", "m0031_inbox_indexes")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(NAME, ON)]  # noqa: RUF012 - Tortoise reads it from the class
