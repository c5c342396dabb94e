"""Statements that wait or run, what is known of their types, and what they cost."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from re import compile as compile_pattern
from typing import Any

from psycopg.pq.abc import PGresult

from adapters.database.pipelines.parameters import encode_values, encoder_of
from adapters.database.pipelines.results import result_format
from adapters.database.rows import Rows

MAX_KNOWN = 1000
"""Texts whose types and costs a process remembers. There are fewer: constants, some of them with a few variants."""

_READS = compile_pattern(r"\s*(SELECT|WITH)\b")
_WRITES = compile_pattern(r"(?i)\b(INSERT|UPDATE|DELETE|MERGE|nextval|setval|set_config|pg_notify|pg_\w*lock\w*)\b")
_RISE, _FALL = 1 / 64, 1 / 2


@lru_cache(maxsize=MAX_KNOWN)
def is_read(sql: str) -> bool:
    """Returns whether a statement has no effect, so that it may be sent again. If in doubt, it returns False."""
    return _READS.match(sql) is not None and _WRITES.search(sql) is None


class Shape:
    """The types of a statement, as the server has described them."""

    __slots__ = ("_encoders", "formats", "oids", "result_format")

    def __init__(self, description: PGresult) -> None:
        self.oids = [description.param_type(number) for number in range(description.nparams)]
        encoders = [encoder_of(oid) for oid in self.oids]
        self._encoders = [each.encode for each in encoders]
        self.formats = [each.format for each in encoders]
        self.result_format = result_format(description)

    def encoded(self, values: Sequence[Any]) -> list[bytes | None]:
        """Returns the values as the server reads them. Raises asyncpg's `DataError` for a value of another type."""
        return encode_values(self._encoders, values)


class Known:
    """The types and the cost of a statement, as far as the process knows them. `seconds` is None until it has run."""

    __slots__ = ("is_read", "seconds", "shape", "text")

    def __init__(self, sql: str) -> None:
        self.text = sql.encode()
        self.is_read = is_read(sql)
        self.seconds: float | None = None
        self.shape: Shape | None = None

    def add(self, seconds: float) -> None:
        """Follows the measured times. It falls faster than it rises, since a busy process measures too much."""
        if self.seconds is None:
            self.seconds = seconds
        else:
            self.seconds += (seconds - self.seconds) * (_FALL if seconds < self.seconds else _RISE)

    def hangs(self, seconds: float) -> None:
        """Raises the cost at once, when a statement has run for so long and has not ended."""
        self.seconds = max(self.seconds or 0.0, seconds)


class KnownStatements:
    """The `MAX_KNOWN` statements that ran last, by their text."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()

    def of(self, sql: str) -> Known:
        found = self._known.get(sql)
        if found is None:
            found = self._known[sql] = Known(sql)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return found


class PendingStatement:
    """A statement that a caller waits for."""

    __slots__ = ("begun", "ends_at", "future", "is_alone", "known", "left_at", "repeats", "sql", "values", "waited")

    def __init__(self, sql: str, values: Sequence[Any], known: Known, seconds: float) -> None:
        self.sql = sql
        self.values = values
        self.known = known
        self.future: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self.begun = time.monotonic()
        self.ends_at = self.begun + seconds
        self.left_at = 0.0
        """When its caller left, or its deadline passed."""
        self.waited = 0.0
        """The seconds that it waited for a connection."""
        self.is_alone = False
        """Whether it was behind one that took too long, and now runs without others."""
        self.repeats = 0
        """The number of times that it was sent again, because its prepared statement was outdated."""

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    def time_out(self, now: float) -> None:
        self.left_at = now
        self.fail(TimeoutError("the deadline has passed"))
