"""Stores a process's counts as rows of a day, added to those of other processes."""

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
    """Stores all counts in one transaction. After a failure they are counted again and stored later.

    Raises `Unavailable` when the database is unavailable. Counts are stored for today, so uses before midnight may be
    recorded a day late and never early.
    """
    counted = usage.take(today)
    if not (counted.counts or counted.left_out or counted.new_day):
        return
    try:
        async with database.transaction() as transaction:
            await _store(transaction, counted, today)
    except BaseException:
        usage.give_back(counted)
        raise
    if counted.left_out:
        logger.warning(
            "uses of the schema were not counted, because there were too many different ones",
            extra={"times": counted.left_out},
        )


async def _store(transaction: Queries, counted: CountedUsage, today: date) -> None:
    """Writes sorted rows, so that processes that write the same rows lock them in the same order."""
    if counted.new_day or counted.left_out:
        await transaction.fetch(_NOTE_DAY, today, counted.left_out)
    shapes = sorted(counted.shapes.items())
    counts = sorted((*use, uses) for use, uses in counted.counts.items())
    await transaction.fetch_with_rows(_SEE, _SHAPE, shapes, today)
    await transaction.fetch_with_rows(_ADD, _COUNT, counts, today)
