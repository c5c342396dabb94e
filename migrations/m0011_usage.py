"""Usage of the schema by apps, per day."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE usage_counts (
        seen_on DATE NOT NULL,
        app TEXT NOT NULL,
        version TEXT NOT NULL,
        operation TEXT NOT NULL,
        shape TEXT NOT NULL,
        uses BIGINT NOT NULL,
        PRIMARY KEY (seen_on, app, version, operation, shape)
    )
    """,
    """
    CREATE TABLE usage_shapes (
        hash TEXT NOT NULL PRIMARY KEY,
        coordinates TEXT NOT NULL,
        last_seen_on DATE NOT NULL
    )
    """,
    """
    CREATE TABLE usage_days (
        seen_on DATE NOT NULL PRIMARY KEY,
        left_out BIGINT NOT NULL
    )
    """,
]


class Migration(TortoiseMigration):
    """Creates the counts of operations, the fields that they select, and the days on which a server counted."""

    dependencies = [("bff", "m0010_documents")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
