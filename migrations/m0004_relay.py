"""The tables of the relay, of event streams, of counts, and of idempotency keys.

The migration creates the log again, with partitions. The log was always empty before.
"""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

PARTITIONS = 8

STATEMENTS = [
    "DROP TABLE event_log",
    """
    CREATE TABLE event_log (
        partition BIGINT NOT NULL,
        tx BIGINT NOT NULL,
        id BIGINT NOT NULL,
        type TEXT NOT NULL,
        version BIGINT NOT NULL,
        actor_id BIGINT NOT NULL,
        data TEXT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (partition, tx, id)
    )
    """,
    """
    CREATE TABLE relay_positions (
        partition BIGINT NOT NULL PRIMARY KEY,
        tx BIGINT NOT NULL,
        id BIGINT NOT NULL
    )
    """,
    f"INSERT INTO relay_positions (partition, tx, id) VALUES {', '.join(f'({n}, 0, 0)' for n in range(PARTITIONS))}",  # noqa: S608 - built from constants
    """
    CREATE TABLE dead_events (
        partition BIGINT NOT NULL,
        tx BIGINT NOT NULL,
        id BIGINT NOT NULL,
        type TEXT NOT NULL,
        version BIGINT NOT NULL,
        actor_id BIGINT NOT NULL,
        data TEXT NOT NULL,
        error TEXT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        died_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (partition, tx, id)
    )
    """,
    """
    CREATE TABLE streams (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        epoch BIGINT NOT NULL,
        last_place BIGINT NOT NULL,
        first_place BIGINT NOT NULL,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE stream_entries (
        owner_id BIGINT NOT NULL,
        stream_id BIGINT NOT NULL,
        place BIGINT NOT NULL,
        kind TEXT NOT NULL,
        subject_owner_id BIGINT NOT NULL,
        subject_id BIGINT NOT NULL,
        log_tx BIGINT NOT NULL,
        log_id BIGINT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, stream_id, place)
    )
    """,
    "CREATE INDEX stream_entries_by_age ON stream_entries (occurred_at)",
    """
    CREATE TABLE idempotency_keys (
        owner_id BIGINT NOT NULL,
        key TEXT NOT NULL,
        operation TEXT NOT NULL,
        input_hash BYTEA NOT NULL,
        subject_owner_id BIGINT NOT NULL,
        subject_id BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, key)
    )
    """,
    "CREATE INDEX feed_entries_by_author ON feed_entries (owner_id, author_id)",
    """
    CREATE UNIQUE INDEX notifications_once ON notifications (owner_id, kind, subject_id, actor_id)
    WHERE kind IN ('FOLLOW', 'LIKE')
    """,
]


class Migration(TortoiseMigration):
    """Creates positions, dead events, event streams, counts and idempotency keys."""

    dependencies = [("bff", "m0003_log")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
