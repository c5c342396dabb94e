"""Keeps a value unique that is found by a blind index, also while processes have different first keys."""

from collections.abc import Sequence

from adapters.database import DialectSQL, Queries

_LOCK = DialectSQL(
    postgres="SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST($1 AS TEXT[])) AS held (name)",
    sqlite="SELECT 1 AS one WHERE $1 IS NULL",
)


async def lock_indexes(transaction: Queries, indexes: Sequence[str]) -> None:
    """Serializes transactions that store the same value, until each ends.

    `indexes` are those of the value under every key. With one key the primary key of the table does this, and no
    statement runs. While a key is rotated, two processes may store different indexes of one value. They have at least
    one key in common, so both lock the index under that one. SQLite's transactions run one at a time anyway.
    """
    if len(indexes) > 1:
        await transaction.fetch(_LOCK, sorted(indexes))
