"""Dates and instants without an end, which asyncpg reads as the first and the last ones of Python."""

from datetime import UTC, date, datetime, timedelta

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

_EPOCH_DAY = date(2000, 1, 1).toordinal()
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAYS = {2**31 - 1: date.max, -(2**31): date.min}
_INSTANTS = {2**63 - 1: datetime.max, -(2**63): datetime.min}  # noqa: DTZ901 - as asyncpg


class _Binary(Loader):
    format = Format.BINARY


class DateLoader(_Binary):
    def load(self, data: Buffer) -> date:
        number = int.from_bytes(data, "big", signed=True)
        return _DAYS.get(number) or date.fromordinal(number + _EPOCH_DAY)


class InstantLoader(_Binary):
    def load(self, data: Buffer) -> datetime:
        number = int.from_bytes(data, "big", signed=True)
        return _INSTANTS.get(number) or _EPOCH + timedelta(microseconds=number)


class LocalInstantLoader(InstantLoader):
    def load(self, data: Buffer) -> datetime:
        return super().load(data).replace(tzinfo=None)


LOADERS: dict[str, type[Loader]] = {
    "date": DateLoader,
    "timestamptz": InstantLoader,
    "timestamp": LocalInstantLoader,
}
