"""The tables of sign-in and of the home screen."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE users (
        id BIGINT NOT NULL PRIMARY KEY,
        handle TEXT NOT NULL,
        name TEXT NOT NULL,
        bio TEXT,
        avatar_url TEXT,
        created_at TIMESTAMPTZ NOT NULL
    )
    """,
    "CREATE TABLE handles (handle TEXT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL)",
    "CREATE TABLE email_addresses (blind_index TEXT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL)",
    """
    CREATE TABLE credentials (
        user_id BIGINT NOT NULL PRIMARY KEY,
        email BYTEA NOT NULL,
        password_hash TEXT NOT NULL,
        changed_at TIMESTAMPTZ NOT NULL
    )
    """,
    """
    CREATE TABLE devices (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        platform TEXT NOT NULL CHECK (platform IN ('IOS', 'ANDROID', 'WEB')),
        app_version TEXT NOT NULL,
        locale TEXT,
        time_zone TEXT,
        push_provider TEXT CHECK (push_provider IN ('FCM', 'APNS')),
        push_token BYTEA,
        created_at TIMESTAMPTZ NOT NULL,
        last_seen_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE refresh_families (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        device_id BIGINT NOT NULL,
        token_hash BYTEA NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        ended_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE follows (
        owner_id BIGINT NOT NULL,
        followee_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, followee_id),
        CHECK (owner_id <> followee_id)
    )
    """,
    "CREATE INDEX follows_by_followee ON follows (followee_id, id)",
    """
    CREATE TABLE blocks (
        owner_id BIGINT NOT NULL,
        other_id BIGINT NOT NULL,
        outgoing BOOLEAN NOT NULL,
        id BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, other_id, outgoing),
        CHECK (owner_id <> other_id)
    )
    """,
    "CREATE INDEX blocks_by_owner ON blocks (owner_id, id)",
    """
    CREATE TABLE user_counts (
        user_id BIGINT NOT NULL PRIMARY KEY,
        followers BIGINT NOT NULL,
        following BIGINT NOT NULL,
        posts BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE count_deltas (
        owner_id BIGINT NOT NULL,
        subject_id BIGINT NOT NULL,
        counter TEXT NOT NULL,
        id BIGINT NOT NULL,
        delta BIGINT NOT NULL,
        PRIMARY KEY (owner_id, subject_id, counter, id)
    )
    """,
    """
    CREATE TABLE posts (
        author_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        body TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        edited_at TIMESTAMPTZ,
        deleted_at TIMESTAMPTZ,
        PRIMARY KEY (author_id, id)
    )
    """,
    """
    CREATE TABLE post_counts (
        author_id BIGINT NOT NULL,
        post_id BIGINT NOT NULL,
        likes BIGINT NOT NULL,
        comments BIGINT NOT NULL,
        PRIMARY KEY (author_id, post_id)
    )
    """,
    """
    CREATE TABLE comments (
        owner_id BIGINT NOT NULL,
        post_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        author_id BIGINT NOT NULL,
        body TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        deleted_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, id)
    )
    """,
    "CREATE INDEX comments_by_post ON comments (owner_id, post_id, id)",
    """
    CREATE TABLE likes (
        owner_id BIGINT NOT NULL,
        post_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, post_id, user_id)
    )
    """,
    """
    CREATE TABLE feed_entries (
        owner_id BIGINT NOT NULL,
        post_id BIGINT NOT NULL,
        author_id BIGINT NOT NULL,
        PRIMARY KEY (owner_id, post_id)
    )
    """,
    """
    CREATE TABLE notifications (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        actor_id BIGINT,
        actor_count BIGINT NOT NULL,
        subject_type TEXT,
        subject_owner_id BIGINT,
        subject_id BIGINT,
        created_at TIMESTAMPTZ NOT NULL,
        seen_at TIMESTAMPTZ,
        read_at TIMESTAMPTZ,
        archived_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE notification_counts (
        owner_id BIGINT NOT NULL PRIMARY KEY,
        unseen BIGINT NOT NULL,
        unread BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE payments (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('TOP_UP', 'TRANSFER', 'REFUND')),
        status TEXT NOT NULL CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED', 'REFUNDED', 'PARTIALLY_REFUNDED')),
        amount BIGINT NOT NULL CHECK (amount > 0),
        refunded_amount BIGINT NOT NULL CHECK (refunded_amount BETWEEN 0 AND amount),
        currency TEXT NOT NULL,
        note TEXT,
        failure_code TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        sealed_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE payment_parties (
        owner_id BIGINT NOT NULL,
        payment_id BIGINT NOT NULL,
        payment_owner_id BIGINT NOT NULL,
        direction TEXT NOT NULL CHECK (direction IN ('IN', 'OUT')),
        counterparty_id BIGINT,
        PRIMARY KEY (owner_id, payment_id)
    )
    """,
]


class Migration(TortoiseMigration):
    """Creates the first tables."""

    initial = True
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
