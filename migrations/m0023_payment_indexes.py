"""Indexes of payments, wallets and idempotency keys, built without blocking writes."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import BuildIndex

INDEXES = {
    "payments_by_refunded": "payments (refunds_owner_id, refunds_id) WHERE refunds_id IS NOT NULL",
    "payments_by_provider": "payments (id, owner_id) WHERE provider IS NOT NULL",
}
UNIQUE_INDEXES = {
    "wallets_by_owner": "wallets (owner_id)",
    "idempotency_keys_by_operation": "idempotency_keys (owner_id, operation, key)",
}

STATEMENTS = [
    *(f"CREATE INDEX {name} ON {on}" for name, on in INDEXES.items()),
    *(f"CREATE UNIQUE INDEX {name} ON {on}" for name, on in UNIQUE_INDEXES.items()),
]
"""The statements of the migration, which tests read."""


class Migration(TortoiseMigration):
    """Adds indexes of refunds and of the provider's payments, one wallet per owner, and the next idempotency key."""

    atomic = False
    dependencies = [("bff", "m0022_payments")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [  # noqa: RUF012 - Tortoise reads it from the class
        *(BuildIndex(name, on) for name, on in INDEXES.items()),
        *(BuildIndex(name, on, unique=True) for name, on in UNIQUE_INDEXES.items()),
    ]
