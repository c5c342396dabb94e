"""How far the relay has read, and what it has set aside."""

from datetime import datetime

from adapters.database import Queries
from services.log import START, Entry, Position

NAME = "feed"
"""Of the one relay that there is."""

_BEGIN = "INSERT INTO relay_positions (name, tx, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_IS_BEHIND = (
    "SELECT EXISTS (SELECT 1 FROM event_log e WHERE (e.tx, e.id) > (p.tx, p.id)) AS behind "
    "FROM relay_positions p WHERE p.name = $1"
)
_TAKE = "SELECT tx, id FROM relay_positions WHERE name = $1 FOR UPDATE SKIP LOCKED"
_MOVE = "UPDATE relay_positions SET tx = $2, id = $3 WHERE name = $1"
_SET_ASIDE = (
    "INSERT INTO dead_events (relay, tx, id, type, version, actor_id, data, occurred_at, error, died_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)


async def begin(queries: Queries) -> None:
    """Before the first event, when nobody has begun yet."""
    await queries.fetch(_BEGIN, NAME, *START)


async def is_behind(queries: Queries) -> bool:
    """Whether the log has more, committed or about to be read."""
    rows = await queries.fetch(_IS_BEHIND, NAME)
    return bool(rows and rows[0]["behind"])


async def take(transaction: Queries) -> Position | None:
    """The position, which is this transaction's alone until it ends; None while it is another's.

    This is the relay's lease: the engine takes it back when whoever holds it is gone, and nobody writes without it.
    """
    rows = await transaction.fetch(_TAKE, NAME)
    return Position(rows[0]["tx"], rows[0]["id"]) if rows else None


async def move(transaction: Queries, position: Position) -> None:
    await transaction.fetch(_MOVE, NAME, *position)


async def set_aside(transaction: Queries, entry: Entry, error: str, now: datetime) -> None:
    """Keeps an event that nothing can be made of, and moves past it."""
    await transaction.fetch(_SET_ASIDE, NAME, *entry.position, *entry.logged, entry.occurred_at, error, now)
    await move(transaction, entry.position)
