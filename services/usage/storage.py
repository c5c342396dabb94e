"""From a process's counts to rows of a day, added to those of other processes."""

import logging
from datetime import date

from adapters.database import Database, Queries
from services.usage.counts import CountedUsage, UsageCounts

logger = logging.getLogger(__name__)

_COUNT = {"app": "text", "version": "text", "operation": "text", "shape": "text", "uses": "bigint"}
_ADD = (
    "INSERT INTO usage_counts (seen_on, app, version, operation, shape, uses) "
    "SELECT $1, app, version, operation, shape, uses FROM input_rows WHERE true "
    "ON CONFLICT (seen_on, app, version, operation, shape) DO UPDATE SET uses = usage_counts.uses + excluded.uses"
)
_SHAPE = {"hash": "text", "coordinates": "text"}
_SEE = (
    "INSERT INTO usage_shapes (hash, coordinates, last_seen_on) SELECT hash, coordinates, $1 FROM input_rows WHERE "
    "true ON CONFLICT (hash) DO UPDATE SET last_seen_on = excluded.last_seen_on "
    "WHERE usage_shapes.last_seen_on < excluded.last_seen_on"
)
_NOTE_DAY = (
    "INSERT INTO usage_days (seen_on, left_out) VALUES ($1, $2) "
    "ON CONFLICT (seen_on) DO UPDATE SET left_out = usage_days.left_out + excluded.left_out"
)


async def store_counts(database: Database, usage: UsageCounts, today: date) -> None:
    """All that was counted, or nothing, which is then counted still. `Unavailable` when the engine is gone.

    It is kept as of today, so what was counted before midnight may be a day late and never early.
    """
    taken = usage.take(today)
    if not (taken.counts or taken.left_out or taken.new_day):
        return
    try:
        async with database.transaction() as transaction:
            await _keep(transaction, taken, today)
    except BaseException:
        usage.give_back(taken)
        raise
    if taken.left_out:
        logger.warning("uses of the schema were left out of the counts", extra={"times": taken.left_out})


async def _keep(transaction: Queries, taken: CountedUsage, today: date) -> None:
    """Rows are sorted, so that processes that keep the same ones at the same time wait for each other in one order."""
    if taken.new_day or taken.left_out:
        await transaction.fetch(_NOTE_DAY, today, taken.left_out)
    shapes = sorted(taken.shapes.items())
    counts = sorted((*use, uses) for use, uses in taken.counts.items())
    await transaction.fetch_with_rows(_SEE, _SHAPE, shapes, today)
    await transaction.fetch_with_rows(_ADD, _COUNT, counts, today)
