"""Push tokens. Each token belongs to one device."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE push_tokens (
        push_index TEXT NOT NULL PRIMARY KEY,
        user_id BIGINT NOT NULL,
        device_id BIGINT NOT NULL,
        provider TEXT NOT NULL CHECK (provider IN ('FCM', 'APNS')),
        token BYTEA NOT NULL,
        registered_at TIMESTAMPTZ NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX push_tokens_by_device ON push_tokens (user_id, device_id)",
    """
    INSERT INTO push_tokens (push_index, user_id, device_id, provider, token, registered_at)
    SELECT d.push_index, d.owner_id, d.id, d.push_provider, d.push_token, d.last_seen_at FROM devices d
    WHERE d.push_index IS NOT NULL AND NOT EXISTS (SELECT 1 FROM devices o
    WHERE o.push_index = d.push_index AND (o.last_seen_at, o.id) > (d.last_seen_at, d.id))
    """,
    "UPDATE devices SET push_provider = NULL, push_token = NULL, push_index = NULL WHERE push_token IS NOT NULL",
]


class Migration(TortoiseMigration):
    """Moves push tokens out of `devices`. If devices share a token, the one that was seen last keeps it."""

    dependencies = [("bff", "m0011_usage")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
