"""Erases rows of the user's own partition that concern no other user."""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.database import DialectSQL, Queries

OWN_TABLES: Mapping[str, tuple[str, ...]] = {
    "refresh_families": ("owner_id", "id"),
    "devices": ("owner_id", "id"),
    "push_tokens": ("user_id", "push_index"),
    "visits": ("owner_id",),
    "data_export_parts": ("owner_id", "export_id", "place"),
    "data_exports": ("owner_id", "id"),
    "idempotency_keys": ("owner_id", "operation", "key"),
    "channel_preferences": ("owner_id", "kind"),
    "quiet_hours": ("owner_id",),
    "email_preferences": ("owner_id",),
    "dead_jobs": ("owner_id", "event_id", "handler"),
    "comments": ("owner_id", "id"),
    "likes": ("owner_id", "post_id", "user_id"),
    "feed_entries": ("owner_id", "post_id"),
    "notification_counts": ("owner_id",),
    "notification_deliveries": ("owner_id", "notification_id", "channel", "device_id"),
    "notification_digests": ("owner_id", "period_id"),
    "notifications": ("owner_id", "id"),
    "notification_facts": ("owner_id", "kind", "fact_id", "actor_id"),
    "notification_groups": ("owner_id", "kind", "group_key"),
    "inbox_marks": ("owner_id", "kind", "up_to"),
    "count_deltas": ("owner_id", "subject_id", "counter", "id"),
    "post_counts": ("author_id", "post_id"),
    "stream_entries": ("owner_id", "stream_id", "place"),
}
"""Tables and their keys, which begin with the owner. Comments and likes are those of the user's own posts.

Tables that relays write come last and in the relays' order, to avoid deadlocks.
"""

NEEDED_BY_RELAYS: Mapping[str, tuple[str, ...]] = {
    "popular_authors": ("author_id",),
    "user_counts": ("user_id",),
    "blocks": ("owner_id", "other_id", "outgoing"),
}
"""Tables that affect how the erasure is projected. They are erased after its last event is projected.

Without the first two, a deleted post of a popular author is searched in the feeds of every follower, and followers do
not learn that their feeds have changed. Without blocks, a blocked user could get a notification.

The rows of blocks in the partitions of other users stay: they hide what the erased user did before.
"""

_LOCK_STREAMS = "SELECT id FROM streams WHERE owner_id = $1 ORDER BY owner_id, id LIMIT $2 FOR UPDATE"
_LOCK_SHORTER = "SELECT id FROM streams WHERE owner_id = $1 AND id = ANY($2) ORDER BY owner_id, id FOR UPDATE"
_FRONT = "(SELECT MIN(e.place) FROM stream_entries e WHERE e.owner_id = streams.owner_id AND e.stream_id = streams.id)"
_RAISE_STREAMS = (
    f"UPDATE streams SET first_place = COALESCE({_FRONT}, last_place + 1) WHERE owner_id = $1 AND id = ANY($2)"  # noqa: S608 - built from constants
)
_ERASE_STREAMS = (
    "DELETE FROM streams WHERE owner_id = $1 AND id = ANY($2) AND NOT EXISTS (SELECT 1 FROM stream_entries e "
    "WHERE e.owner_id = streams.owner_id AND e.stream_id = streams.id)"
)
_NOTES = (
    "UPDATE payments SET note = NULL WHERE (owner_id, id) IN "
    "(SELECT owner_id, id FROM payments WHERE owner_id = $1 AND note IS NOT NULL LIMIT $2) RETURNING id"
)
_CARDS = (
    "DELETE FROM payment_methods WHERE (owner_id, id) IN (SELECT owner_id, id FROM payment_methods "
    "WHERE owner_id = $1 AND provider_reference = '' ORDER BY owner_id, id LIMIT $2 FOR UPDATE) RETURNING id"
)
_CARDS_LEFT = "SELECT 1 AS one FROM payment_methods WHERE owner_id = $1 LIMIT 1"
_OPTIMIZE_POSTS = DialectSQL(
    postgres="SELECT 1 AS one WHERE false",
    sqlite="INSERT INTO posts_text (posts_text) VALUES ('optimize')",
)
_OPTIMIZE_USERS = DialectSQL(
    postgres="SELECT 1 AS one WHERE false",
    sqlite="INSERT INTO users_text (users_text) VALUES ('optimize')",
)


async def erase_own(transaction: Queries, owner_id: int, max_rows: int) -> bool:
    """Erases up to `max_rows` rows of each table, and notes on payments. Returns whether there may be more.

    Cards are erased after the payment provider has removed them.
    """
    erased = {table: await _erase(transaction, table, key, owner_id, max_rows) for table, key in OWN_TABLES.items()}
    full = [len(rows) == max_rows for rows in erased.values()]
    full.append(
        await _erase_streams(transaction, owner_id, max_rows, {row["stream_id"] for row in erased["stream_entries"]})
    )
    full.append(len(await transaction.fetch(_CARDS, owner_id, max_rows)) == max_rows)
    return any([*full, len(await transaction.fetch(_NOTES, owner_id, max_rows)) == max_rows])


async def has_cards(transaction: Queries, owner_id: int) -> bool:
    """Returns whether the payment provider may still store cards of the user."""
    return bool(await transaction.fetch(_CARDS_LEFT, owner_id))


async def erase_needed_by_relays(transaction: Queries, owner_id: int, max_rows: int) -> bool:
    """Erases up to `max_rows` rows of each table of `NEEDED_BY_RELAYS`. Returns whether there may be more."""
    erased = [await _erase(transaction, table, key, owner_id, max_rows) for table, key in NEEDED_BY_RELAYS.items()]
    return any(len(rows) == max_rows for rows in erased)


async def _erase_streams(transaction: Queries, owner_id: int, max_rows: int, shorter: Collection[int]) -> bool:
    """Deletes streams without entries. A stream with entries stays, or its numbers would be assigned again.

    `shorter` are streams that lost entries; their first number is raised. All streams are locked first, in their order,
    because a relay may append to one: the first ones, and then those that come after them.
    """
    locked = [row["id"] for row in await transaction.fetch(_LOCK_STREAMS, owner_id, max_rows)]
    later = sorted({*shorter} - {*locked})
    await transaction.fetch(_LOCK_SHORTER, owner_id, later)
    await transaction.fetch(_RAISE_STREAMS, owner_id, sorted(shorter))
    await transaction.fetch(_ERASE_STREAMS, owner_id, [*locked, *later])
    return len(locked) == max_rows


async def optimize_text_index(transaction: Queries) -> None:
    """Removes words of deleted rows from SQLite's full-text index. PostgreSQL's index has none of them."""
    await transaction.fetch(_OPTIMIZE_POSTS)
    await transaction.fetch(_OPTIMIZE_USERS)


async def _erase(transaction: Queries, table: str, key: tuple[str, ...], owner_id: int, max_rows: int) -> list[Any]:
    """Deletes up to `max_rows` rows and returns their keys."""
    columns = ", ".join(key)
    sql = (
        f"DELETE FROM {table} WHERE ({columns}) IN "  # noqa: S608 - built from constants
        f"(SELECT {columns} FROM {table} WHERE {key[0]} = $1 ORDER BY {columns} LIMIT $2 FOR UPDATE) "
        f"RETURNING {columns}"
    )
    return await transaction.fetch(sql, owner_id, max_rows)
