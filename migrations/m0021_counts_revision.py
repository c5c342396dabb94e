"""The revision of the counts of a stream's subject."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = ["ALTER TABLE streams ADD COLUMN counts_revision BIGINT NOT NULL DEFAULT 0"]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds the number by which readers of a stream notice that counts have changed."""

    dependencies = [("bff", "m0020_dead_by_id")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
