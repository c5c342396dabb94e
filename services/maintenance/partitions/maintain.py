"""Creates partitions before they are needed, and drops those whose rows are too old."""

import logging
from datetime import datetime, timedelta

from adapters.database import SchemaSession, Violated
from core.errors import Contended
from core.settings import Settings
from services.maintenance.partitions.candidates import PARTITIONABLE, Candidate
from services.maintenance.partitions.catalog import Partition, is_partitioned
from services.maintenance.partitions.changes import (
    close,
    drop_partition,
    has_rows,
    partitions_of,
    past_of,
    repair,
    split,
)
from services.resources import Resources

logger = logging.getLogger(__name__)

MAX_PARTITIONS = 16
"""The maximum of partitions of a table. More would slow down statements that read several of them."""

QUICK_BYTES = 64 * 1024**2
"""The maximum size of a last partition with rows that a worker ends. `bff partitions apply` ends larger ones."""

_SIZE = "SELECT pg_relation_size(to_regclass(CAST($1 AS text))) AS bytes"


async def grace(resources: Resources, candidate: Candidate) -> timedelta:
    """Returns how much longer rows are kept, because they are dropped with the other rows of their partition."""
    if not await is_partitioned(resources.database, candidate.table):
        return timedelta()
    return timedelta(days=candidate.span_days(resources.settings))


async def maintain_partitions(resources: Resources, now: datetime) -> None:
    """Maintains the partitions of all tables that have some. A table in use is left to the next call.

    Does nothing if another process changes tables.
    """
    database = resources.database
    partitioned = [each for each in PARTITIONABLE if await is_partitioned(database, each.table)]
    if not partitioned:
        return
    async with database.dialect.schema_session(hurried=True) as session:
        if session is not None:
            for candidate in partitioned:
                await _maintain_quickly(session, candidate, resources.settings, now)


async def _maintain_quickly(session: SchemaSession, candidate: Candidate, settings: Settings, now: datetime) -> None:
    try:
        await maintain(session, candidate, settings, now, QUICK_BYTES)
    except Contended:
        logger.warning("partitions of a table in use are maintained later: %s", candidate.table)
    except Violated:
        logger.warning("rows of the future keep partitions from being created: %s", candidate.table)


async def maintain(
    session: SchemaSession, candidate: Candidate, settings: Settings, now: datetime, max_bytes: int | None
) -> None:
    """Repairs what was interrupted, drops old partitions, and creates the next one.

    `max_bytes` limits the size of a last partition with rows whose end is set.
    """
    await repair(session, candidate)
    dropped = await _drop_old(session, candidate, settings, now)
    created = await _look_ahead(session, candidate, settings, now, max_bytes)
    if dropped or created:
        await session.run(f"ANALYZE {candidate.table}")
        facts = {"table": candidate.table, "dropped": dropped, "created": created}
        logger.info("partitions have changed", extra=facts)


async def _drop_old(session: SchemaSession, candidate: Candidate, settings: Settings, now: datetime) -> int:
    """Drops old partitions from the first one on, and returns their number."""
    dropped, before = 0, now - candidate.kept(settings)
    for partition in await partitions_of(session, candidate):
        if partition.name == past_of(candidate):
            if await has_rows(session, partition.name):
                break
            continue
        if partition.high is None or not await candidate.is_old(session, partition, before, now):
            break
        if partition.is_after(await candidate.key.present(session, now)):
            break
        await drop_partition(session, candidate, partition)
        dropped += 1
    return dropped


async def _look_ahead(
    session: SchemaSession, candidate: Candidate, settings: Settings, now: datetime, max_bytes: int | None
) -> int:
    """Creates partitions so that one with an end begins after the present. Returns the number of new ones."""
    partitions = await partitions_of(session, candidate)
    last, present = partitions[-1], await candidate.key.present(session, now)
    if len(partitions) + 2 > MAX_PARTITIONS or any(each.high and each.is_after(present) for each in partitions):
        return 0
    sources = {candidate.table, _current(partitions, present).name}
    width = await candidate.key.width(session, sorted(sources), candidate.span_days(settings), now)
    first = (last.low if last.low is not None and last.is_after(present) else present) + width
    if not await has_rows(session, last.name):
        # The row of a client that comes first is read with the lock; there are few of them.
        ends = [first] if last.is_after(present) else [first, first + width]
        await split(session, candidate, last, ends)
        return len(ends)
    if last.is_after(present) or (max_bytes is not None and await _bytes(session, last) > max_bytes):
        return 0
    await close(session, candidate, last, [first, first + width])
    return 2


def _current(partitions: list[Partition], present: int) -> Partition:
    return next(each for each in reversed(partitions) if not each.is_after(present))


async def _bytes(session: SchemaSession, partition: Partition) -> int:
    (row,) = await session.fetch(_SIZE, partition.name)
    return row["bytes"]
