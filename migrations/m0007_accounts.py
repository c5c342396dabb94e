"""Refresh tokens and revocations."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    "ALTER TABLE refresh_families ADD COLUMN previous_hash BYTEA",
    "ALTER TABLE refresh_families ADD COLUMN rotated_at TIMESTAMPTZ",
    "ALTER TABLE devices ADD COLUMN push_index TEXT",
    "CREATE INDEX devices_by_push_token ON devices (push_index) WHERE push_index IS NOT NULL",
    "CREATE INDEX refresh_families_by_device ON refresh_families (owner_id, device_id)",
    "CREATE INDEX refresh_families_by_end ON refresh_families (expires_at)",
    """
    CREATE TABLE revoked_devices (
        owner_id BIGINT NOT NULL,
        device_id BIGINT NOT NULL,
        revoked_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, device_id)
    )
    """,
    "CREATE INDEX revoked_devices_by_time ON revoked_devices (revoked_at)",
]


class Migration(TortoiseMigration):
    """Creates the families of refresh tokens, and the revocations of devices."""

    dependencies = [("bff", "m0006_jobs")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
