"""Pulled posts of popular authors, and the last activity of users."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    "ALTER TABLE posts ADD COLUMN pulled BOOLEAN NOT NULL DEFAULT false",
    "CREATE INDEX posts_pulled ON posts (author_id, id) WHERE pulled AND deleted_at IS NULL",
    "CREATE TABLE popular_authors (author_id BIGINT NOT NULL PRIMARY KEY, since_at TIMESTAMPTZ NOT NULL)",
    "CREATE TABLE visits (owner_id BIGINT NOT NULL PRIMARY KEY, last_at TIMESTAMPTZ NOT NULL, previous_at TIMESTAMPTZ)",
    "INSERT INTO visits (owner_id, last_at) SELECT owner_id, MAX(last_seen_at) FROM devices GROUP BY owner_id",
]


class Migration(TortoiseMigration):
    """Adds what feeds by push and by pull need."""

    dependencies = [("bff", "m0004_relay")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
