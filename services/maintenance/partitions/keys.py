"""Partition keys: the columns whose ranges are partitions, and their values as integers."""

from abc import ABC, abstractmethod
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from adapters.database import DialectSQL
from services.event_log.log import NEXT_TX

DEFAULT_WIDTH = 10_000_000
"""The transactions in a partition of a log that is too short to show how many there are a day."""

MIN_WIDTH = 1_000_000
"""The minimum of transactions in a partition, so that a burst does not fill it while it is created."""

_MIN_HISTORY = timedelta(minutes=10)
_DAY = timedelta(days=1)

_OLDEST = (
    "SELECT e.tx, e.occurred_at FROM relay_positions p CROSS JOIN LATERAL (SELECT tx, occurred_at FROM {} "
    "WHERE partition = p.partition AND tx > 0 ORDER BY tx, id LIMIT 1) e ORDER BY e.tx LIMIT 1"
)


class Reads(Protocol):
    """Something that reads the database: `Queries`, or a session that changes tables."""

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]: ...


class PartitionKey(ABC):
    """A column that grows with time."""

    def __init__(self, column: str) -> None:
        self.column = column

    @abstractmethod
    def text(self, value: int) -> str:
        """Returns a value as PostgreSQL shows it."""

    @abstractmethod
    def value(self, text: str) -> int:
        """Reads a value that PostgreSQL shows."""

    @abstractmethod
    async def present(self, reads: Reads, now: datetime) -> int:
        """Returns a value that no committed row exceeds, and that new rows have or exceed."""

    @abstractmethod
    async def width(self, reads: Reads, sources: list[str], days: int, now: datetime) -> int:
        """Returns how much the column grows in so many days, from the rows of some tables."""


class TransactionKey(PartitionKey):
    """The number of the transaction that has inserted the row."""

    def text(self, value: int) -> str:
        return str(value)

    def value(self, text: str) -> int:
        return int(text)

    async def present(self, reads: Reads, now: datetime) -> int:  # noqa: ARG002 - the server counts transactions
        (row,) = await reads.fetch(f"SELECT {NEXT_TX.postgres} AS tx")
        return row["tx"]

    async def width(self, reads: Reads, sources: list[str], days: int, now: datetime) -> int:
        """Returns the transactions of so many days. The largest rate counts, so that partitions stay few."""
        present, rates = await self.present(reads, now), list[float]()
        for source in sources:
            for row in await reads.fetch(_OLDEST.format(source)):
                if (age := now - row["occurred_at"]) >= _MIN_HISTORY and row["tx"] < present:
                    rates.append((present - row["tx"]) / (age / _DAY))
        return max(MIN_WIDTH, int(max(rates) * days)) if rates else DEFAULT_WIDTH


class DateKey(PartitionKey):
    """The day of the row."""

    def text(self, value: int) -> str:
        return date.fromordinal(value).isoformat()

    def value(self, text: str) -> int:
        return date.fromisoformat(text).toordinal()

    async def present(self, reads: Reads, now: datetime) -> int:  # noqa: ARG002 - the clock suffices
        return now.date().toordinal()

    async def width(self, reads: Reads, sources: list[str], days: int, now: datetime) -> int:  # noqa: ARG002 - as above
        return days
