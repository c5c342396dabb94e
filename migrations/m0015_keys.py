"""Which keys have sealed something, and which processes have which keys."""

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
    """Has processes see whether a key that they need is missing, or one that they use is unknown to others.

    Keys that have sealed entries of the audit trail are needed from the start; their fingerprints come with them.
    """

    dependencies = [("bff", "m0014_words")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - as above
