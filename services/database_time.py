"""The database's clock: processes use its time for everything that they have to agree on."""

import asyncio
import logging
from datetime import datetime, timedelta

from adapters.database import DialectSQL, Queries
from core.background import Background
from core.clock import CorrectedClock
from core.errors import Unavailable

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=0.1)
"""The clock is corrected when its offset has changed by more, so that one late response changes nothing."""

_MEASURED_EVERY = 30.0
_ALARMING = timedelta(seconds=5)

_SQLITE = "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'{})"

NOW = DialectSQL("CURRENT_TIMESTAMP", _SQLITE.format(""))


def ago(seconds: int) -> DialectSQL:
    """Returns SQL for the instant that is so many seconds in the past."""
    return DialectSQL(f"CURRENT_TIMESTAMP - INTERVAL '{seconds} seconds'", _SQLITE.format(f", '-{seconds} seconds'"))


def at(sql: str, instant: DialectSQL) -> DialectSQL:
    """Returns the statement with the instant in place of each `{}`."""
    return DialectSQL(*(sql.replace("{}", text) for text in instant))


_READ_CLOCK = at("SELECT {} AS database_at", NOW)


async def earliest_now(queries: Queries, *others: datetime) -> datetime:
    """Returns the database's time, or the earliest of `others` if that is earlier.

    Deletions by age use it, because they cannot be undone: one clock that is ahead must not delete fresh rows.
    """
    (row,) = await queries.fetch(_READ_CLOCK)
    return min(row["database_at"], *others)


async def correct(clock: CorrectedClock, queries: Queries) -> None:
    """Measures the offset between a process's clock and the database's, and corrects the clock by it.

    The database reads its clock at some instant between request and response, so the offset is known up to half of that
    time.
    """
    sent_at = clock.own()
    (row,) = await queries.fetch(_READ_CLOCK)
    waited = clock.own() - sent_at
    offset = row["database_at"] - sent_at - waited / 2
    if abs(offset - clock.offset) <= TOLERANCE + abs(waited) / 2:
        return
    clock.offset = offset if abs(offset) > TOLERANCE else timedelta()
    if abs(offset) > _ALARMING:
        facts = {"seconds": round(-offset.total_seconds(), 1)}
        logger.warning("the clock of this machine differs from the database's, which is used instead", extra=facts)


async def keep_correct(clock: CorrectedClock, queries: Queries, background: Background) -> None:
    """Measures regularly until it is cancelled. While the database is unavailable, the last offset stays in use."""

    async def measure() -> None:
        while True:
            await asyncio.sleep(_MEASURED_EVERY)
            try:
                await correct(clock, queries)
            except Unavailable as error:
                logger.info("could not read the database's time: %s", error.message)

    await background.supervise("clock", measure)
