"""The event log, from which projections derive all other rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from adapters.database import DialectSQL, Queries, TaggedSQL
from core.clock import Clock
from core.ids import Ids
from core.tracing import recording_span, with_cause
from events import Event, LoggedEvent, write_event
from models import cache_tags

PARTITIONS = 8
"""The number of partitions, which are read independently. The migrations have created a position for each."""

_EVENT = {
    "partition": "bigint",
    "id": "bigint",
    "type": "text",
    "version": "bigint",
    "actor_id": "bigint",
    "data": "text",
}
_COLUMNS = ", ".join(_EVENT)
_INTO = f"INSERT INTO event_log ({_COLUMNS}, occurred_at, tx)"
_LAST = (
    "SELECT tx FROM relay_positions UNION ALL "
    "SELECT (SELECT MAX(e.tx) FROM event_log e WHERE e.partition = p.partition) FROM relay_positions p"
)
_APPEND = DialectSQL(
    postgres=f"{_INTO} SELECT {_COLUMNS}, $1, CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) FROM input_rows",  # noqa: S608 - built from constants
    sqlite=f"{_INTO} SELECT {_COLUMNS}, $1, (SELECT COALESCE(MAX(tx), 0) + 1 FROM ({_LAST}) last) FROM input_rows",  # noqa: S608 - as above
)
"""All events of a transaction have its number: PostgreSQL's own, or one more than the last one on SQLite."""

OLDEST_RUNNING_TX = DialectSQL(
    postgres="CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)", sqlite="9223372036854775807"
)
"""The first transaction that may not have ended yet. On SQLite all visible transactions have ended."""

NEXT_TX = DialectSQL(
    postgres="CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)", sqlite="9223372036854775807"
)
"""The first transaction that has not begun yet. Only a log of another PostgreSQL cluster contains later ones."""

_READ = DialectSQL(
    *(
        f"SELECT tx, {_COLUMNS}, occurred_at FROM event_log WHERE partition = $1 AND tx >= $2 AND (tx, id) > ($2, $3) "  # noqa: S608 - built from constants
        f"AND tx < {oldest_running} ORDER BY tx, id LIMIT $4"
        for oldest_running in OLDEST_RUNNING_TX
    )
)

UNREAD = "FROM event_log e WHERE e.partition = p.partition AND e.tx >= p.tx AND (e.tx, e.id) > (p.tx, p.id)"
"""The events behind the position `p`, readable or not. By the limit of `tx` PostgreSQL excludes partitions."""


def _waiting(events: str, positions: str = "true") -> str:
    """Returns a statement that finds a position with an event behind it.

    The scalar subquery keeps PostgreSQL from joining the whole log.
    """
    behind = f"(SELECT e.id {UNREAD} AND {events} LIMIT 1)"
    return f"SELECT 1 AS one FROM relay_positions p WHERE {positions} AND {behind} IS NOT NULL LIMIT 1"  # noqa: S608 - built from constants


_WAITING = _waiting("(e.partition = $1 OR e.actor_id = $2) AND e.occurred_at <= $3")
_WAITING_IN = _waiting("e.actor_id = $2", "p.partition = $1")
_WAITING_OF = _waiting("e.actor_id = $1")

_HORIZON = TaggedSQL.of(
    DialectSQL(
        postgres=f"SELECT {OLDEST_RUNNING_TX.postgres} AS tx",
        sqlite=f"SELECT COALESCE(MAX(tx), 0) + 1 AS tx FROM ({_LAST}) last",  # noqa: S608 - built from constants
    ),
    cache_tags.reads_own_rows,
)


class LogPosition(NamedTuple):
    """A point in a partition of the log: that of an event, or `START`."""

    tx: int
    id: int


START = LogPosition(-(2**63), 0)
"""The position before every event. Events of a former cluster have negative transaction numbers."""


class LogEntry(NamedTuple):
    """An event with its position and its time."""

    position: LogPosition
    logged: LoggedEvent
    occurred_at: datetime


def partition_of(owner_id: int) -> int:
    """Returns the partition that contains all events of an owner. It never changes for an owner."""
    return crc32(owner_id.to_bytes(8)) % PARTITIONS


async def read_log(queries: Queries, partition: int, after: LogPosition, max_entries: int) -> list[LogEntry]:
    """Returns up to `max_entries` events after a position, in the order of the log.

    On PostgreSQL it returns no event while an earlier transaction of any database of the cluster still runs, because
    that one may append events which come first. So a reader that continues from the last event skips none.
    """
    return [
        LogEntry(
            LogPosition(row["tx"], row["id"]),
            LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"]),
            row["occurred_at"],
        )
        for row in await queries.fetch(_READ, partition, *after, max_entries)
    ]


async def read_horizon(queries: Queries) -> int:
    """Returns the first transaction whose writes a later statement may not see. It sees those of all earlier ones."""
    (row,) = await queries.fetch(_HORIZON)
    return row["tx"]


async def has_unprojected_until(queries: Queries, user_id: int, until: datetime) -> bool:
    """Returns whether an event that concerns a user, up to an instant, is not projected yet."""
    return bool(await queries.fetch(_WAITING, partition_of(user_id), user_id, until))


async def has_unprojected(queries: Queries, user_id: int) -> bool:
    """Returns whether an event of this actor is not projected yet."""
    return bool(await queries.fetch(_WAITING_OF, user_id))


async def has_unprojected_in(queries: Queries, partition: int, user_id: int) -> bool:
    """Returns whether an event of this actor in a partition is not projected yet."""
    return bool(await queries.fetch(_WAITING_IN, partition, user_id))


class EventLog:
    """Appends events to the log."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def append(self, transaction: Queries, events: Sequence[Event]) -> None:
        """Appends the events of a transaction by one statement, in that transaction."""
        logged = [write_event(event) for event in events]
        if (span := recording_span()) is not None:
            logged = [each._replace(data=with_cause(each.data, span.context)) for each in logged]
        owners = [event.owner_id for event in events]
        rows = [(partition_of(owner), self._ids.next(), *each) for owner, each in zip(owners, logged, strict=True)]
        await transaction.fetch_with_rows(_APPEND, _EVENT, rows, self._clock())
