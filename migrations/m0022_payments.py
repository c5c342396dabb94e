"""Payments that are written: refunds, the provider's side, and the rules that the database enforces."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

from migrations._engine_sql import EngineSQL
from migrations._payment_rules_postgres import POSTGRES
from migrations._payment_rules_sqlite import SQLITE

STATEMENTS = [
    "ALTER TABLE payments ADD COLUMN method_id BIGINT",
    "ALTER TABLE payments ADD COLUMN refunds_owner_id BIGINT",
    "ALTER TABLE payments ADD COLUMN refunds_id BIGINT",
    "ALTER TABLE payments ADD COLUMN cause TEXT",
    "ALTER TABLE payments ADD COLUMN provider TEXT",
    "ALTER TABLE payments ADD COLUMN provider_reference TEXT",
    "ALTER TABLE payments ADD COLUMN action_url TEXT",
    "ALTER TABLE payments ADD COLUMN action_secret TEXT",
    """
    CREATE TABLE open_payments (
        owner_id BIGINT NOT NULL,
        payment_id BIGINT NOT NULL,
        due_at TIMESTAMPTZ NOT NULL,
        attempts BIGINT NOT NULL,
        PRIMARY KEY (owner_id, payment_id)
    )
    """,
    "CREATE INDEX open_payments_by_due ON open_payments (due_at)",
    """
    CREATE TABLE provider_payments (
        provider TEXT NOT NULL,
        reference TEXT NOT NULL,
        payment_owner_id BIGINT NOT NULL,
        payment_id BIGINT NOT NULL,
        PRIMARY KEY (provider, reference)
    )
    """,
    """
    CREATE TABLE provider_events (
        provider TEXT NOT NULL,
        event_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        received_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (provider, event_id)
    )
    """,
    "CREATE INDEX provider_events_by_age ON provider_events (received_at)",
]


class Migration(TortoiseMigration):
    """Adds columns, tables and triggers. Tables with rows get their indexes in the next migration."""

    dependencies = [("bff", "m0021_counts_revision")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [  # noqa: RUF012 - Tortoise reads it from the class
        RunSQL(STATEMENTS),
        EngineSQL(postgres=POSTGRES, sqlite=SQLITE),
    ]
