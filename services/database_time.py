"""The database's clock, which all processes share, for what they have to agree on."""

from datetime import datetime

from adapters.database import Queries, Twin

_SQLITE = "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'{})"

NOW = Twin("CURRENT_TIMESTAMP", _SQLITE.format(""))


def ago(seconds: int) -> Twin:
    """An instant in the past."""
    return Twin(f"CURRENT_TIMESTAMP - INTERVAL '{seconds} seconds'", _SQLITE.format(f", '-{seconds} seconds'"))


def at(sql: str, instant: Twin) -> Twin:
    """A statement with an instant in place of each `{}`."""
    return Twin(*(sql.replace("{}", text) for text in instant))


_ASK = at("SELECT {} AS now_at", NOW)


async def earlier_now(queries: Queries, now: datetime) -> datetime:
    """Returns what the database's clock says, or `now` when that is earlier.

    For deletions by age: one process whose clock is ahead must not delete what is fresh.
    """
    (row,) = await queries.fetch(_ASK)
    return min(now, row["now_at"])
