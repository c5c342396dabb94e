"""Posts that are not written into feeds, because too many would have to be; and who has not been there for long."""

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
    """Feeds by push and by pull."""

    dependencies = [("bff", "m0004_relay")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - as above
