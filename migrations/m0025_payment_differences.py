"""The table of differences to the payment provider's statement, and the index that finds payments at the provider."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

from migrations._engine_sql import BuildIndex

TABLE = """
    CREATE TABLE IF NOT EXISTS payment_differences (
        provider TEXT NOT NULL,
        reference TEXT NOT NULL,
        kind TEXT NOT NULL,
        payment_owner_id BIGINT,
        payment_id BIGINT,
        happened_at TIMESTAMPTZ NOT NULL,
        found_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (provider, reference, kind)
    )
"""


class Migration(TortoiseMigration):
    """Creates the table, and builds the index without blocking writes."""

    atomic = False
    dependencies = [("bff", "m0024_idempotency_scope")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [  # noqa: RUF012 - Tortoise reads it from the class
        RunSQL([TABLE]),
        BuildIndex("payments_by_provider", "payments (id, owner_id) WHERE provider IS NOT NULL"),
    ]
