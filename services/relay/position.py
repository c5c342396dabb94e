"""How far each partition of the log has been read, and what was set aside."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries, Twin
from services.log import HORIZON, Entry, Position

WAITS = "FROM event_log e WHERE e.partition = p.partition AND (e.tx, e.id) > (p.tx, p.id)"
"""Events behind the position `p`, whether or not they can be read yet."""

_NEXT = f"(SELECT e.tx {WAITS} ORDER BY e.tx, e.id LIMIT 1)"
"""Its transaction's number. Written as a value, so that PostgreSQL does not join the whole log with the positions."""

_IS_BEHIND = f"SELECT COUNT(*) AS behind FROM relay_positions p WHERE {_NEXT} IS NOT NULL"  # noqa: S608 - as above
_TAKE = Twin(
    *(
        f"SELECT p.partition, p.tx, p.id FROM relay_positions p WHERE {_NEXT} < {horizon} "  # noqa: S608 - as above
        f"ORDER BY {_NEXT} LIMIT 1 FOR UPDATE SKIP LOCKED"
        for horizon in HORIZON
    )
)
_HOLD = "SELECT tx, id FROM relay_positions WHERE partition = $1 FOR UPDATE"
_MOVE = "UPDATE relay_positions SET tx = $2, id = $3 WHERE partition = $1"
_SET_ASIDE = (
    "INSERT INTO dead_events (partition, tx, id, type, version, actor_id, data, occurred_at, error, died_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)


class Taken(NamedTuple):
    """A partition, and the position in it, which are one transaction's alone until it ends.

    This is a relay's lease: the engine takes it back when whoever holds it is gone, and nobody writes without it.
    """

    partition: int
    position: Position


async def is_behind(queries: Queries) -> bool:
    """Whether the log has more, committed or about to be read."""
    (row,) = await queries.fetch(_IS_BEHIND)
    return bool(row["behind"])


async def take(transaction: Queries) -> Taken | None:
    """The partition whose next event has waited longest, of those that nobody is at; None when there is none."""
    rows = await transaction.fetch(_TAKE)
    return Taken(rows[0]["partition"], Position(rows[0]["tx"], rows[0]["id"])) if rows else None


async def hold(transaction: Queries, partition: int) -> Position:
    """The position in one partition, once nobody else is at it."""
    (row,) = await transaction.fetch(_HOLD, partition)
    return Position(row["tx"], row["id"])


async def move(transaction: Queries, partition: int, position: Position) -> None:
    await transaction.fetch(_MOVE, partition, *position)


async def set_aside(transaction: Queries, partition: int, entry: Entry, error: str, now: datetime) -> None:
    """Keeps an event that nothing can be made of, and moves past it."""
    await transaction.fetch(_SET_ASIDE, partition, *entry.position, *entry.logged, entry.occurred_at, error, now)
    await move(transaction, partition, entry.position)
