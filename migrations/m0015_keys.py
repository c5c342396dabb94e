"""The state of secret keys, and the keys of running processes."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE key_states (
        key_id TEXT NOT NULL PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        first_at TIMESTAMPTZ,
        rotated_at TIMESTAMPTZ
    )
    """,
    """
    INSERT INTO key_states (key_id, fingerprint, first_at)
    SELECT key_id, '', MIN(occurred_at) FROM audit_entries GROUP BY key_id
    """,
    """
    CREATE TABLE key_holders (
        process_id BIGINT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        key_ids TEXT NOT NULL,
        seen_at TIMESTAMPTZ NOT NULL
    )
    """,
]


class Migration(TortoiseMigration):
    """Creates the tables by which a process detects a missing key, or a key that other processes do not have.

    Keys that have sealed audit entries are required from the start; processes add their fingerprints later.
    """

    dependencies = [("bff", "m0014_words")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
