"""The database's clock, which all processes share, for what they have to agree on."""

import asyncio
import logging
from datetime import datetime, timedelta

from adapters.database import DialectSQL, Queries
from core.background import Background
from core.clock import CorrectedClock
from core.errors import Unavailable

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=0.1)
"""Offsets are corrected when they have changed by more, so that an answer that came late changes nothing."""

_MEASURED_EVERY = 30.0
_ALARMING = timedelta(seconds=5)

_SQLITE = "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'{})"

NOW = DialectSQL("CURRENT_TIMESTAMP", _SQLITE.format(""))


def ago(seconds: int) -> DialectSQL:
    """An instant in the past."""
    return DialectSQL(f"CURRENT_TIMESTAMP - INTERVAL '{seconds} seconds'", _SQLITE.format(f", '-{seconds} seconds'"))


def at(sql: str, instant: DialectSQL) -> DialectSQL:
    """A statement with an instant in place of each `{}`."""
    return DialectSQL(*(sql.replace("{}", text) for text in instant))


_READ_CLOCK = at("SELECT {} AS database_at", NOW)


async def earliest_now(queries: Queries, *others: datetime) -> datetime:
    """Returns what the database's clock says, or the first of the others when that is earlier.

    For deletions by age, which are for good: one clock that is ahead must not delete what is fresh.
    """
    (row,) = await queries.fetch(_READ_CLOCK)
    return min(row["database_at"], *others)


async def correct(clock: CorrectedClock, queries: Queries) -> None:
    """Measures how far a process's clock is from the database's, and has it tell the database's time.

    The database answered at some instant between question and answer, so its clock is known up to half of that time.
    """
    asked_at = clock.own()
    (row,) = await queries.fetch(_READ_CLOCK)
    waited = clock.own() - asked_at
    offset = row["database_at"] - asked_at - waited / 2
    if abs(offset - clock.offset) <= TOLERANCE + abs(waited) / 2:
        return
    clock.offset = offset if abs(offset) > TOLERANCE else timedelta()
    if abs(offset) > _ALARMING:
        facts = {"seconds": round(-offset.total_seconds(), 1)}
        logger.warning("the clock of this machine differs from the database's, which is used instead", extra=facts)


async def keep_correct(clock: CorrectedClock, queries: Queries, background: Background) -> None:
    """Measures regularly, until it is cancelled. While the database is away, the last offset holds."""

    async def measure() -> None:
        while True:
            await asyncio.sleep(_MEASURED_EVERY)
            try:
                await correct(clock, queries)
            except Unavailable as error:
                logger.info("the database's time is not known at the moment: %s", error.message)

    await background.supervise("clock", measure)
