"""The scope of an idempotency key: a person and a mutation."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import EngineSQL

STATEMENTS: list[str] = []
"""The columns stay as they are."""

_POSTGRES = [
    "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey",
    """
    ALTER TABLE idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY USING INDEX idempotency_keys_by_operation
    """,
]

_SQLITE = [
    "DROP INDEX idempotency_keys_by_operation",
    "DROP INDEX idempotency_keys_by_age",
    "ALTER TABLE idempotency_keys RENAME TO idempotency_keys_before",
    """
    CREATE TABLE idempotency_keys (
        owner_id BIGINT NOT NULL,
        key TEXT NOT NULL,
        operation TEXT NOT NULL,
        input_hash BYTEA NOT NULL,
        subject_owner_id BIGINT NOT NULL,
        subject_id BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, operation, key)
    )
    """,
    """
    INSERT INTO idempotency_keys (owner_id, key, operation, input_hash, subject_owner_id, subject_id, created_at)
    SELECT owner_id, key, operation, input_hash, subject_owner_id, subject_id, created_at FROM idempotency_keys_before
    """,
    "DROP TABLE idempotency_keys_before",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
]


class Migration(TortoiseMigration):
    """Replaces the primary key. PostgreSQL takes the index of the last migration; SQLite builds the table again."""

    dependencies = [("bff", "m0023_payment_indexes")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [EngineSQL(postgres=_POSTGRES, sqlite=_SQLITE)]  # noqa: RUF012 - Tortoise reads it from the class
