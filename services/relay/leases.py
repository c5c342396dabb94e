"""Positions of the relay in the partitions of the event log, and their locks.

A relay moves a position while it holds the lock of the partition.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from adapters.database import DialectSQL, Queries
from services.event_log.log import OLDEST_RUNNING_TX, UNREAD, LogEntry, LogPosition

_NEXT = f"(SELECT e.tx {UNREAD} ORDER BY e.tx, e.id LIMIT 1)"
"""The transaction of the next event. As a scalar subquery it keeps PostgreSQL from joining the whole log."""

_IS_BEHIND = (
    f"SELECT COUNT(*) AS behind FROM relay_positions p WHERE NOT (p.partition = ANY($1)) AND {_NEXT} IS NOT NULL"  # noqa: S608 - as above
)
_HAS_SLOW = (
    "SELECT COUNT(*) AS slow FROM relay_positions "
    "WHERE stalled_at IS NOT NULL AND retry_at <= $1 AND NOT (partition = ANY($2))"
)
_POSITIONS = "SELECT partition, tx, id FROM relay_positions WHERE partition = ANY($1)"
_LOCK = "SELECT tx, id, attempts, stalled_at FROM relay_positions WHERE partition = $1 FOR UPDATE"
_LAST_TURN = "(SELECT MAX(turn) + 1 FROM relay_positions)"
_MOVE = (
    f"UPDATE relay_positions SET tx = $2, id = $3, turn = {_LAST_TURN}, attempts = 0, stalled_at = NULL, "  # noqa: S608 - as above
    "retry_at = NULL WHERE partition = $1"
)
_NOTE = (
    f"UPDATE relay_positions SET turn = {_LAST_TURN}, attempts = $2, stalled_at = $3, retry_at = $4 "  # noqa: S608 - as above
    "WHERE partition = $1"
)
_DEAD_LETTER = (
    "INSERT INTO dead_events (partition, tx, id, type, version, actor_id, data, occurred_at, error, died_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)


class PartitionFilter(Enum):
    """The partitions that a relay takes."""

    ALL = "true"
    PROMPT = "p.stalled_at IS NULL"
    SLOW = "p.stalled_at IS NOT NULL"


def _take(partition_filter: PartitionFilter) -> DialectSQL:
    return DialectSQL(
        *(
            f"SELECT p.partition, p.tx, p.id FROM relay_positions p WHERE {_NEXT} < {oldest_running} "  # noqa: S608 - as above
            f"AND {partition_filter.value} AND (p.retry_at IS NULL OR p.retry_at <= $1) "
            "AND NOT (p.partition = ANY($2)) "
            f"ORDER BY p.turn, {_NEXT} LIMIT 1 FOR UPDATE SKIP LOCKED"
            for oldest_running in OLDEST_RUNNING_TX
        )
    )


_TAKE = {partition_filter: _take(partition_filter) for partition_filter in PartitionFilter}


class Lease(NamedTuple):
    """A partition and its position, locked until the transaction ends.

    The database releases the lock when the relay dies, and no other relay writes the partition meanwhile.
    """

    partition: int
    position: LogPosition


class PartitionState(NamedTuple):
    """The position in a partition, and how often the next event has failed by itself."""

    position: LogPosition
    attempts: int
    stalled_at: datetime | None


async def is_behind(queries: Queries, left: Sequence[int] = ()) -> bool:
    """Returns whether the log has events after a position, committed or visible soon, except in partitions `left`."""
    (row,) = await queries.fetch(_IS_BEHIND, list(left))
    return bool(row["behind"])


async def has_slow(queries: Queries, now: datetime, left: Sequence[int] = ()) -> bool:
    """Returns whether an event that was too slow for the database is due for another attempt, except in `left`."""
    (row,) = await queries.fetch(_HAS_SLOW, now, list(left))
    return bool(row["slow"])


async def positions_of(queries: Queries, partitions: Sequence[int]) -> dict[int, LogPosition]:
    """Returns the positions in some partitions."""
    rows = await queries.fetch(_POSITIONS, list(partitions))
    return {row["partition"]: LogPosition(row["tx"], row["id"]) for row in rows}


async def acquire_lease(
    transaction: Queries, partition_filter: PartitionFilter, now: datetime, left: Sequence[int] = ()
) -> Lease | None:
    """Locks the partition that waited longest, of those that no other relay has locked. None if there is none.

    Partitions `left` are not taken.
    """
    rows = await transaction.fetch(_TAKE[partition_filter], now, list(left))
    return Lease(rows[0]["partition"], LogPosition(rows[0]["tx"], rows[0]["id"])) if rows else None


async def lock_partition(transaction: Queries, partition: int) -> PartitionState:
    """Waits for the lock of one partition and returns its state."""
    (row,) = await transaction.fetch(_LOCK, partition)
    return PartitionState(LogPosition(row["tx"], row["id"]), row["attempts"], row["stalled_at"])


async def note_failure(
    transaction: Queries, partition: int, attempts: int, stalled_at: datetime | None, retry_at: datetime | None
) -> None:
    """Records how often the next event of a partition has failed. The partition pauses until `retry_at`."""
    await transaction.fetch(_NOTE, partition, attempts, stalled_at, retry_at)


async def advance(transaction: Queries, partition: int, position: LogPosition) -> None:
    """Moves the position past the event at `position`."""
    await transaction.fetch(_MOVE, partition, *position)


async def dead_letter(transaction: Queries, partition: int, entry: LogEntry, error: str, now: datetime) -> None:
    """Moves an event to the dead letters, and the position past it."""
    await transaction.fetch(_DEAD_LETTER, partition, *entry.position, *entry.logged, entry.occurred_at, error, now)
    await advance(transaction, partition, entry.position)
