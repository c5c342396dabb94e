"""What is in the person's own partition and concerns nobody else."""

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
    "idempotency_keys": ("owner_id", "key"),
    "payment_methods": ("owner_id", "id"),
    "channel_preferences": ("owner_id", "kind"),
    "quiet_hours": ("owner_id",),
    "dead_jobs": ("owner_id", "event_id", "handler"),
    "comments": ("owner_id", "id"),
    "likes": ("owner_id", "post_id", "user_id"),
    "feed_entries": ("owner_id", "post_id"),
    "notifications": ("owner_id", "id"),
    "count_deltas": ("owner_id", "subject_id", "counter", "id"),
    "post_counts": ("author_id", "post_id"),
    "notification_counts": ("owner_id",),
    "stream_entries": ("owner_id", "stream_id", "place"),
}
"""Tables and their keys, which begin with the owner. Comments and likes are those under the person's own posts.

What relays write comes last and in their order, so that they and this seldom wait for each other in a circle.
"""

NEEDED_BY_RELAYS: Mapping[str, tuple[str, ...]] = {
    "popular_authors": ("author_id",),
    "user_counts": ("user_id",),
    "blocks": ("owner_id", "other_id", "outgoing"),
}
"""Tables that decide how what was taken back is projected. They are erased when all of it has been projected.

Without the first two a deleted post of a popular author is looked for in the feeds of every follower, and followers are
not told that their feeds have changed. Without blocks a notification could reach somebody who was blocked.
"""

_BLOCKS_OF_OTHERS = (
    "DELETE FROM blocks WHERE (owner_id, other_id, outgoing) IN (SELECT o.owner_id, o.other_id, o.outgoing "
    "FROM blocks b JOIN blocks o ON o.owner_id = b.other_id AND o.other_id = b.owner_id WHERE b.owner_id = $1 "
    "LIMIT $2) RETURNING owner_id"
)
_HOLD_STREAMS = "SELECT id FROM streams WHERE owner_id = $1 ORDER BY owner_id, id LIMIT $2 FOR UPDATE"
_HOLD_GIVEN = "SELECT id FROM streams WHERE owner_id = $1 AND id = ANY($2) ORDER BY owner_id, id FOR UPDATE"
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
_FORGET_WORDS = DialectSQL(
    postgres="SELECT 1 AS one WHERE false",
    sqlite="INSERT INTO posts_text (posts_text) VALUES ('optimize')",
)
_FORGET_NAMES = DialectSQL(
    postgres="SELECT 1 AS one WHERE false",
    sqlite="INSERT INTO users_text (users_text) VALUES ('optimize')",
)


async def erase_own(transaction: Queries, owner_id: int, most: int) -> bool:
    """Up to `most` rows of each table, and what was written on payments. Whether there may be more."""
    erased = {table: await _erase(transaction, table, key, owner_id, most) for table, key in OWN_TABLES.items()}
    full = [len(rows) == most for rows in erased.values()]
    full.append(
        await _erase_streams(transaction, owner_id, most, {row["stream_id"] for row in erased["stream_entries"]})
    )
    return any([*full, len(await transaction.fetch(_NOTES, owner_id, most)) == most])


async def erase_needed_by_relays(transaction: Queries, owner_id: int, most: int) -> bool:
    """Up to `most` rows of each table of `NEEDED_BY_RELAYS`. Whether there may be more."""
    if len(await transaction.fetch(_BLOCKS_OF_OTHERS, owner_id, most)) == most:
        return True
    erased = [await _erase(transaction, table, key, owner_id, most) for table, key in NEEDED_BY_RELAYS.items()]
    return any(len(rows) == most for rows in erased)


async def _erase_streams(transaction: Queries, owner_id: int, most: int, shorter: Collection[int]) -> bool:
    """Those without entries: one that began anew would give out places that entries of before still have.

    Streams that are `shorter` than before begin later now. All are held first, in their order, since a relay may just
    be adding to one: the first ones, and then those that come after them.
    """
    held = [row["id"] for row in await transaction.fetch(_HOLD_STREAMS, owner_id, most)]
    later = sorted({*shorter} - {*held})
    await transaction.fetch(_HOLD_GIVEN, owner_id, later)
    await transaction.fetch(_RAISE_STREAMS, owner_id, sorted(shorter))
    await transaction.fetch(_ERASE_STREAMS, owner_id, [*held, *later])
    return len(held) == most


async def optimize_text_index(transaction: Queries) -> None:
    """SQLite's full text keeps words of rows that are gone until it is put in order; PostgreSQL's has none of them."""
    await transaction.fetch(_FORGET_WORDS)
    await transaction.fetch(_FORGET_NAMES)


async def _erase(transaction: Queries, table: str, key: tuple[str, ...], owner_id: int, most: int) -> list[Any]:
    """The keys of the rows that were deleted, `most` at most."""
    columns = ", ".join(key)
    sql = (
        f"DELETE FROM {table} WHERE ({columns}) IN "  # noqa: S608 - built from constants
        f"(SELECT {columns} FROM {table} WHERE {key[0]} = $1 ORDER BY {columns} LIMIT $2 FOR UPDATE) "
        f"RETURNING {columns}"
    )
    return await transaction.fetch(sql, owner_id, most)
