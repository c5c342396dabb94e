"""The state of partitions whose events fail or are slow."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    "ALTER TABLE relay_positions ADD COLUMN turn BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE relay_positions ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE relay_positions ADD COLUMN stalled_at TIMESTAMPTZ",
    "ALTER TABLE relay_positions ADD COLUMN retry_at TIMESTAMPTZ",
]


class Migration(TortoiseMigration):
    """Adds the turn and the failed attempts of each partition."""

    dependencies = [("bff", "m0016_retention")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
