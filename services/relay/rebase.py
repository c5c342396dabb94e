"""Recognizes an event log that another PostgreSQL cluster wrote, and corrects its positions for this cluster.

Each cluster counts its own transactions. After a dump is restored into a new cluster, the positions can be ahead of
every transaction there. New events then precede the positions in the log's order, and are never projected.
"""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from adapters.database import Database, DialectSQL, Queries
from core.errors import Contended, SettingsError
from core.ids import MAX_ID
from services.event_log.log import NEXT_TX, PARTITIONS, START
from services.resources import Resources

BATCH = 5000
LOCK_SECONDS = 2.0
"""The maximum wait for a lock, because other transactions queue behind a lock that waits."""

_INSERTED = "CAST(CAST(e.xmin AS TEXT) AS BIGINT)"
"""The low half of the number of the transaction that inserted the event into this cluster."""

_NATIVE = f"e.tx > 0 AND e.tx < {NEXT_TX.postgres} AND {_INSERTED} = (e.tx & 4294967295)"
"""A predicate: this cluster wrote the event. The row was inserted by the transaction that the event names."""

SKIPPED_EVENTS = DialectSQL(
    postgres=f"FROM event_log e WHERE p.tx >= {NEXT_TX.postgres} AND e.partition = p.partition "
    f"AND (e.tx, e.id) <= (p.tx, p.id) AND {_NATIVE}",
    sqlite="FROM event_log e WHERE false",
)
"""Events of this cluster that no relay finds, because the position `p` is ahead of them."""

AHEAD = DialectSQL(
    *(
        f"(p.tx >= {next_tx} OR (SELECT e.tx FROM event_log e WHERE e.partition = p.partition "  # noqa: S608 - built from constants
        f"AND e.tx >= {next_tx} ORDER BY e.tx DESC LIMIT 1) IS NOT NULL)"
        for next_tx in NEXT_TX
    )
)
"""A predicate: the position `p`, or an event behind it, has a transaction that this cluster has not begun yet."""

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
    """The numbers of positions that were ahead, of events that were renumbered, and of streams with a new epoch."""

    ahead: int
    events: int
    streams: int


async def count_ahead(queries: Queries) -> int:
    """Returns the number of partitions with which this cluster cannot continue. It is 0 on SQLite."""
    (row,) = await queries.fetch(_COUNT_AHEAD)
    return row["ahead"]


async def check_log(queries: Queries) -> None:
    """Raises `SettingsError` if new events would never be projected."""
    if ahead := await count_ahead(queries):
        raise SettingsError(
            f"BFF_DATABASE_URL: the event log is ahead of this PostgreSQL's transactions in {ahead} partitions, as "
            "after a dump was restored into another cluster, and new events would never be projected. Run "
            "'bff log rebase'; docs/backup.md says how a dump is restored"
        )


async def rebase_log(resources: Resources) -> Rebased:
    """Renumbers a log of another cluster, so that it precedes everything that this cluster writes.

    The order of the events stays. Their transactions get negative numbers and the positions move with them, in one
    transaction. Events that wait for the relay still wait, and events that this cluster wrote follow them. Every stream
    gets a new epoch, because a restored stream assigns numbers again that clients may have read. Servers and workers
    may run meanwhile, and the call may be repeated.
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
            arguments = (row["distance"], [restorer["tx"] for restorer in await transaction.fetch(_RESTORERS)])
            for partition in range(PARTITIONS):
                async for first, last in _ranges(transaction, _END, partition):
                    events += len(await transaction.fetch(_MOVE_EVENTS, partition, *first, *last, *arguments))
            await transaction.fetch(_MOVE_POSITIONS, row["distance"])
        return ahead, events


async def _renew_epochs(database: Database, epoch: int) -> int:
    """Returns the number of streams with a new epoch. Each batch is committed separately."""
    renewed = 0
    async for first, last in _ranges(database, _END_OF_STREAMS):
        renewed += len(await database.fetch(_RENEW, *first, *last, epoch))
    return renewed


async def _ranges(queries: Queries, end: str, *of: int) -> AsyncGenerator[tuple[_Key, _Key]]:
    """Yields pairs of keys, the first one excluded, with at most `BATCH` rows between them."""
    first: _Key = START
    while rows := await queries.fetch(end, *of, *first, BATCH - 1):
        last = (rows[0]["a"], rows[0]["b"])
        yield first, last
        first = last
    yield first, _LAST
