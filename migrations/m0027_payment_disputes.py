"""An index of disputes, built without blocking writes: the provider takes or returns the money of each once."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

NAME, ON = "payments_by_dispute", "payments (provider, provider_reference, cause) WHERE cause IS NOT NULL"

STATEMENTS = [f"CREATE UNIQUE INDEX {NAME} ON {ON}"]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds the index."""

    atomic = False
    dependencies = [("bff", "m0025_payment_differences")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [BuildIndex(NAME, ON, unique=True)]  # noqa: RUF012 - Tortoise reads it from the class
