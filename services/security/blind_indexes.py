"""Keeping a value unique that is found by a keyed hash, also while processes hash with different first keys."""

from collections.abc import Sequence

from adapters.database import DialectSQL, Queries

_HOLD = DialectSQL(
    postgres="SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST($1 AS TEXT[])) AS held (name)",
    sqlite="SELECT 1 AS one WHERE $1 IS NULL",
)


async def lock_indexes(transaction: Queries, indexes: Sequence[str]) -> None:
    """Has transactions that are about to store the same value take turns, until each ends.

    `indexes` are those of the value under every key. With one key the primary key of the table does this, and no
    statement runs. While a key is rotated, two processes may store different indexes of one value. They have at
    least one key in common, so both hold the index under that one. SQLite's transactions take turns anyway.
    """
    if len(indexes) > 1:
        await transaction.fetch(_HOLD, sorted(indexes))
