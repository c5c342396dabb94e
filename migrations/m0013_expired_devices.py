"""Removal of devices whose sessions expired long ago."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    DELETE FROM push_tokens WHERE NOT EXISTS (SELECT 1 FROM refresh_families f
    WHERE f.owner_id = push_tokens.user_id AND f.device_id = push_tokens.device_id)
    """,
    """
    DELETE FROM devices WHERE NOT EXISTS (SELECT 1 FROM refresh_families f
    WHERE f.owner_id = devices.owner_id AND f.device_id = devices.id)
    """,
]


class Migration(TortoiseMigration):
    """Removes devices whose refresh tokens were deleted earlier. Retention now deletes both together."""

    dependencies = [("bff", "m0012_push_tokens")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
