"""The audit trail."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

from migrations._engine_sql import EngineSQL

STATEMENTS = [
    """
    CREATE TABLE audit_entries (
        owner_id BIGINT NOT NULL,
        place BIGINT NOT NULL,
        kind TEXT NOT NULL,
        device_id BIGINT,
        event_id BIGINT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        key_id TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (owner_id, place)
    )
    """,
    "CREATE UNIQUE INDEX audit_entries_by_event ON audit_entries (owner_id, event_id)",
    """
    CREATE TABLE audit_heads (
        owner_id BIGINT NOT NULL PRIMARY KEY,
        place BIGINT NOT NULL,
        hash TEXT NOT NULL,
        key_id TEXT NOT NULL,
        seal TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE audit_totals (
        partition BIGINT NOT NULL PRIMARY KEY,
        total TEXT NOT NULL,
        key_id TEXT NOT NULL,
        seal TEXT NOT NULL
    )
    """,
]

TRAIL_POSTGRES = [
    """
    CREATE OR REPLACE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit()
    """,
    """
    CREATE TRIGGER audit_entries_remain BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()
    """,
]

TRAIL_SQLITE = [
    """
    CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
    """
    CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
]


class Migration(TortoiseMigration):
    """Creates the append-only chain of entries per account, and the heads that detect a truncated chain."""

    dependencies = [("bff", "m0007_accounts")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS), EngineSQL(postgres=TRAIL_POSTGRES, sqlite=TRAIL_SQLITE)]  # noqa: RUF012 - Tortoise reads it from the class
