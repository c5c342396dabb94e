"""The table of differences to the payment provider's statement."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE payment_differences (
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
]


class Migration(TortoiseMigration):
    """Creates the table."""

    dependencies = [("bff", "m0024_idempotency_scope")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
