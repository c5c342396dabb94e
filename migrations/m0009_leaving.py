"""Data exports, and the indexes that erasure needs."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE data_exports (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        requested_at TIMESTAMPTZ NOT NULL,
        section BIGINT NOT NULL,
        after_place BIGINT NOT NULL,
        parts BIGINT NOT NULL,
        bytes BIGINT NOT NULL,
        ready_at TIMESTAMPTZ,
        expires_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, id)
    )
    """,
    "CREATE INDEX data_exports_by_end ON data_exports (expires_at)",
    """
    CREATE TABLE data_export_parts (
        owner_id BIGINT NOT NULL,
        export_id BIGINT NOT NULL,
        place BIGINT NOT NULL,
        content BYTEA NOT NULL,
        PRIMARY KEY (owner_id, export_id, place)
    )
    """,
    "CREATE INDEX comments_by_author ON comments (author_id, id)",
    "CREATE INDEX likes_by_user ON likes (user_id, post_id)",
]


class Migration(TortoiseMigration):
    """Creates data exports, and indexes of a user's comments and likes in other partitions."""

    dependencies = [("bff", "m0008_audit")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
