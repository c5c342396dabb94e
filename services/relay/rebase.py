"""Recognises a log that another cluster of PostgreSQL wrote, and gives it positions with which this cluster goes on.

Each cluster counts transactions by itself. After a dump is restored into a new cluster, the positions can be ahead of
every transaction there: what is written then comes before them in the log's order, and is never projected.
"""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from adapters.database import Database, DialectSQL, Queries
from core.errors import Contended, SettingsError
from core.ids import MAX_ID
from services.event_log.log import FUTURE, PARTITIONS, START
from services.resources import Resources

BATCH = 5000
LOCK_SECONDS = 2.0
"""Other transactions wait behind a lock that waits."""

_INSERTED = "CAST(CAST(e.xmin AS TEXT) AS BIGINT)"
"""The low half of the number of the transaction that inserted an event here."""

_NATIVE = f"e.tx > 0 AND e.tx < {FUTURE.postgres} AND {_INSERTED} = (e.tx & 4294967295)"
"""Whether this cluster wrote an event: the row was inserted by the transaction that the event names."""

SKIPPED_EVENTS = DialectSQL(
    postgres=f"FROM event_log e WHERE p.tx >= {FUTURE.postgres} AND e.partition = p.partition "
    f"AND (e.tx, e.id) <= (p.tx, p.id) AND {_NATIVE}",
    sqlite="FROM event_log e WHERE false",
)
"""Events of this cluster that no relay finds, since the position `p` is ahead of them."""

AHEAD = DialectSQL(
    *(
        f"(p.tx >= {future} OR (SELECT MAX(e.tx) FROM event_log e WHERE e.partition = p.partition) >= {future})"  # noqa: S608 - built from constants
        for future in FUTURE
    )
)
"""Whether the position `p`, or an event behind it, has a transaction that this cluster has not begun yet."""

_COUNT_AHEAD = DialectSQL(*(f"SELECT COUNT(*) AS ahead FROM relay_positions p WHERE {ahead}" for ahead in AHEAD))  # noqa: S608 - as above
_LOCK_POSITIONS = "LOCK TABLE relay_positions IN EXCLUSIVE MODE"
_LOCK_LOG = "LOCK TABLE event_log IN SHARE ROW EXCLUSIVE MODE"
_DISTANCE = (
    "SELECT MAX(tx) + 1 AS distance FROM (SELECT tx FROM relay_positions UNION ALL "
    "SELECT (SELECT MAX(e.tx) FROM event_log e WHERE e.partition = p.partition) FROM relay_positions p) last"
)
_RESTORERS = (
    f"SELECT DISTINCT {_INSERTED} AS tx FROM relay_positions p JOIN LATERAL (SELECT xmin, tx FROM event_log "  # noqa: S608 - as above
    f"WHERE partition = p.partition ORDER BY tx DESC, id DESC LIMIT 1) e ON NOT ({_NATIVE})"
)
"""Transactions that inserted events of another cluster. One of these events may have the number of its inserter."""
_END = (
    "SELECT tx AS a, id AS b FROM event_log WHERE partition = $1 AND (tx, id) > ($2, $3) "
    "ORDER BY tx, id LIMIT 1 OFFSET $4"
)
_MOVE_EVENTS = (
    "UPDATE event_log e SET tx = e.tx - $6 WHERE e.partition = $1 AND (e.tx, e.id) > ($2, $3) "  # noqa: S608 - as above
    f"AND (e.tx, e.id) <= ($4, $5) AND NOT ({_NATIVE} AND {_INSERTED} <> ALL($7)) RETURNING e.id"
)
_MOVE_POSITIONS = "UPDATE relay_positions SET tx = tx - $1"
_END_OF_STREAMS = (
    "SELECT owner_id AS a, id AS b FROM streams WHERE (owner_id, id) > ($1, $2) ORDER BY owner_id, id LIMIT 1 OFFSET $3"
)
_RENEW = (
    "UPDATE streams SET epoch = $5 WHERE (owner_id, id) IN (SELECT owner_id, id FROM streams "
    "WHERE (owner_id, id) > ($1, $2) AND (owner_id, id) <= ($3, $4) ORDER BY owner_id, id FOR UPDATE) RETURNING id"
)
"""Streams are locked in the order in which relays and retention lock them."""

_Key = tuple[int, int]
_LAST = (MAX_ID, MAX_ID)


class Rebased(NamedTuple):
    """How many positions were ahead, how many events of another cluster got other places, and streams a new epoch."""

    ahead: int
    events: int
    streams: int


async def count_ahead(queries: Queries) -> int:
    """Returns how many partitions this cluster cannot go on with. SQLite has none ever."""
    (row,) = await queries.fetch(_COUNT_AHEAD)
    return row["ahead"]


async def check_log(queries: Queries) -> None:
    """Raises `SettingsError` when new events would never be projected."""
    if ahead := await count_ahead(queries):
        raise SettingsError(
            f"BFF_DATABASE_URL: the event log is ahead of this PostgreSQL's transactions in {ahead} partitions, as "
            "after a dump was restored into another cluster, and new events would never be projected. Run "
            "'bff log rebase'; docs/backup.md says how a dump is restored"
        )


async def rebase_log(resources: Resources) -> Rebased:
    """Puts a log that another cluster wrote before everything that this cluster writes, in the order that it has.

    Its transactions get negative numbers, its positions move with them, and both are kept together or not at all. What
    waits for the relay still waits; what this cluster has written meanwhile comes behind it. Every stream gets a new
    epoch, since a restored stream assigns places again that clients may have read. Servers and workers may run
    meanwhile, and it may be repeated.
    """
    try:
        ahead, events = await _rebase(resources.database)
    except Exception as error:
        if not isinstance(error, Contended) and not resources.database.dialect.is_lock_timeout(error):
            raise
        raise SettingsError("other transactions lock the event log; stop servers and workers, and try again") from error
    return Rebased(ahead, events, await _renew_epochs(resources.database, resources.ids.next()))


async def _rebase(database: Database) -> tuple[int, int]:
    if not await count_ahead(database):
        return 0, 0
    async with database.transaction() as transaction:
        await database.dialect.limit_lock_waits(transaction.client, LOCK_SECONDS)
        await transaction.fetch(_LOCK_POSITIONS)
        await transaction.fetch(_LOCK_LOG)
        ahead, events = await count_ahead(transaction), 0
        if ahead:
            (row,) = await transaction.fetch(_DISTANCE)
            how = (row["distance"], [each["tx"] for each in await transaction.fetch(_RESTORERS)])
            for partition in range(PARTITIONS):
                async for first, last in _ranges(transaction, _END, partition):
                    events += len(await transaction.fetch(_MOVE_EVENTS, partition, *first, *last, *how))
            await transaction.fetch(_MOVE_POSITIONS, row["distance"])
        return ahead, events


async def _renew_epochs(database: Database, epoch: int) -> int:
    """Returns how many streams have a new epoch. Each batch is committed by itself."""
    renewed = 0
    async for first, last in _ranges(database, _END_OF_STREAMS):
        renewed += len(await database.fetch(_RENEW, *first, *last, epoch))
    return renewed


async def _ranges(queries: Queries, end: str, *of: int) -> AsyncGenerator[tuple[_Key, _Key]]:
    """Pairs of keys, of which the first is excluded, with `BATCH` rows between them at most."""
    first: _Key = START
    while rows := await queries.fetch(end, *of, *first, BATCH - 1):
        last = (rows[0]["a"], rows[0]["b"])
        yield first, last
        first = last
    yield first, _LAST
