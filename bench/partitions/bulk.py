"""Measures retention in bulk, and what clients notice of `bff partitions apply`."""

import asyncio
import time
from contextlib import suppress
from typing import NamedTuple

from bench.partitions.measured import Compared, compared
from bench.partitions.statements import Statement
from bench.partitions.world import Pair
from bench.world import connected
from core.errors import Contended
from events import PostPublished
from services.event_log.log import PARTITIONS
from services.maintenance.log_retention import delete_old_events
from services.maintenance.partitions import EVENT_LOG, apply_partitions
from services.maintenance.partitions.changes import drop_partition, partitions_of
from services.resources import Resources
from services.unit_of_work import unit_of_work

STREAM_PARTITIONS = 6
_AT_ONCE = 500
_ENTRIES = 1000
"""Entries of each stream."""

_WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes"
_READ_STREAM = (
    "SELECT e.place, e.kind, e.subject_id FROM {} e WHERE e.owner_id = $1 AND e.stream_id = $1 AND e.place > $2 "
    "AND e.place <= $2 + 100 ORDER BY e.place"
)
_COPY = (
    "INSERT INTO {} SELECT o, o, p, 'POST_CHANGED', 1, 1, p, p, now() FROM generate_series(1, 200) o, "
    "generate_series(1, {}) p"
)


class Removed(NamedTuple):
    """The time and the bytes of write-ahead log for removing so many rows."""

    rows: int
    seconds: float
    wal_bytes: int


class Conversion(NamedTuple):
    """The time of `apply`, and the latencies in seconds of the events that were appended meanwhile and before."""

    seconds: float
    before: list[float]
    meanwhile: list[float]


async def delete_rows(resources: Resources, rows: int) -> Removed:
    """Deletes rows as retention does without partitions."""
    now, calls = resources.clock(), rows // (PARTITIONS * _AT_ONCE)
    before, now = now.replace(year=now.year + 1), now.replace(year=now.year + 2)
    wal, started = await _wal(resources), time.perf_counter()
    for _ in range(calls):
        await delete_old_events(resources.database, before, now, _AT_ONCE)
    return Removed(calls * PARTITIONS * _AT_ONCE, time.perf_counter() - started, await _wal(resources) - wal)


async def drop_rows(resources: Resources) -> Removed:
    """Drops the first partition."""
    async with resources.database.dialect.schema_session() as session:
        if session is None:
            raise Contended("another process changes tables")
        first = (await partitions_of(session, EVENT_LOG))[0]
        (row,) = await session.fetch(f"SELECT COUNT(*) AS rows FROM {first.name}")  # noqa: S608 - from the catalog
        wal, started = await _wal(resources), time.perf_counter()
        await drop_partition(session, EVENT_LOG, first)
        return Removed(row["rows"], time.perf_counter() - started, await _wal(resources) - wal)


async def convert(resources: Resources, writers: int) -> Conversion:
    """Applies partitions to the log while clients append events."""
    latencies, ended = list[float](), asyncio.Event()

    async def write(writer: int) -> None:
        while not ended.is_set():
            started = time.perf_counter()
            async with unit_of_work(resources) as work:
                work.emit(PostPublished(actor_id=writer, post_id=1))
            latencies.append(time.perf_counter() - started)

    tasks = [asyncio.create_task(write(writer)) for writer in range(1, writers + 1)]
    await asyncio.sleep(3)
    before, started = latencies.copy(), time.perf_counter()
    latencies.clear()
    await apply_partitions(resources, ("event_log",), lambda _line: None)
    seconds, meanwhile = time.perf_counter() - started, latencies.copy()
    ended.set()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    return Conversion(seconds, before, meanwhile)


async def compare_streams(pair: Pair, rounds: int) -> Compared:
    """Returns the times of a read of a stream, if stream entries had partitions by the transaction."""
    url = pair.plain.settings.database_url
    async with connected(url) as plain, connected(url) as partitioned:
        await plain.execute("CREATE TABLE one_table (LIKE stream_entries INCLUDING ALL)")
        await plain.execute(
            "CREATE TABLE parts (LIKE stream_entries, PRIMARY KEY (owner_id, stream_id, place, log_tx)) "
            "PARTITION BY RANGE (log_tx)"
        )
        width = _ENTRIES // STREAM_PARTITIONS + 1
        for part in range(STREAM_PARTITIONS):
            limits = f"FROM ({part * width}) TO ({(part + 1) * width})"
            await plain.execute(f"CREATE TABLE parts_{part} PARTITION OF parts FOR VALUES {limits}")
        for table in ("one_table", "parts"):
            await plain.execute(_COPY.format(table, _ENTRIES))
            await plain.execute(f"VACUUM ANALYZE {table}")
        read = Statement("read 100 entries of a stream", _READ_STREAM.format("one_table"), [17, 850])
        return await compared(read, plain, partitioned, rounds, partitioned_sql=_READ_STREAM.format("parts"))


async def _wal(resources: Resources) -> int:
    (row,) = await resources.database.fetch(_WAL)
    return int(row["bytes"])
