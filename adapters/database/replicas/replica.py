"""One replica: what a process knows of it, and its connections."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.pq.abc import PGconn
from tortoise.exceptions import DBConnectionError

from adapters.database.base import Queries
from adapters.database.dialect import Dialect
from adapters.database.pipelines import Pipelines
from adapters.database.pipelines.libpq import open_connection, read_value
from adapters.database.postgres_url import PostgresUrl
from adapters.database.replicas.positions import INSTANCE, STANDBY_STATE, Mark, StandbyState
from adapters.database.replicas.probe import FAILURES, Probe
from adapters.database.replicas.replica_failures import ReplicaFailures
from adapters.database.slots import ConnectionSlots
from core.operation_counts import operation_counts

logger = logging.getLogger(__name__)

_INSTANCE = f"SELECT {INSTANCE}".encode()


class _Client:
    """Runs statements in pipelines on one start of one server, as the client of the primary does."""

    log = logging.getLogger("tortoise.db_client")

    def __init__(self, url: PostgresUrl, instance: str, size: int, deadline: float, options: Mapping[str, str]) -> None:
        self.instance = instance
        self._url, self._options = url, options
        self._seconds = url.connect_timeout(deadline)
        self.connection_pool = Pipelines(self._connect, ConnectionSlots(size), _note_wait)

    async def _connect(self) -> PGconn:
        """Opens a connection. Raises `DBConnectionError` if it leads to another server, or to one that has restarted.

        Only of the server that was asked for its state is it known what it has replayed.
        """
        connection = await open_connection(self._url, self._options, self._seconds)
        try:
            found = await read_value(connection, _INSTANCE)
        except BaseException:
            connection.finish()
            raise
        if found != self.instance.encode():
            connection.finish()
            raise DBConnectionError("another server answers, or the server has restarted")
        return connection


class Replica:
    """A standby that may answer reads. `poll` asks it how far it is."""

    def __init__(
        self, url: PostgresUrl, dialect: Dialect, limits: tuple[int, float, float], options: Mapping[str, str]
    ) -> None:
        """`limits` are the maximum of connections, the deadline of a statement, and the maximum lag, in seconds."""
        self.name = url.address
        """The address without user and password."""
        self.statements = 0
        """The statements that it has answered."""
        self.failures = ReplicaFailures(self.name)
        """The statements that failed here and were answered by the primary."""
        self._url, self._dialect, self._options = url, dialect, options
        self._size, self._deadline, self._max_lag = limits
        self._probe = Probe(url, STANDBY_STATE)
        self._queries: Queries | None = None
        self._client: _Client | None = None
        self._mark: Mark | None = None
        self._is_usable = False
        self._reached_at = time.monotonic()
        """The time of the last mark that it is known to have reached, or of the start."""
        self.reason: str | None = ""
        """The reason not to use it, or None if it is used. Empty until that is known."""

    @property
    def lag(self) -> float:
        """The seconds since the last mark that it is known to have reached, or since the start."""
        return time.monotonic() - self._reached_at

    @property
    def is_usable(self) -> bool:
        """Whether reads are sent to it."""
        return self.mark_at(time.monotonic()) is not None

    def mark_at(self, now: float) -> Mark | None:
        """Returns the last mark that it has reached, if it may be used at a monotonic time."""
        mark = self._mark
        return mark if self._is_open and mark is not None and now - mark.taken_at <= self._max_lag else None

    @property
    def _is_open(self) -> bool:
        return self._is_usable and not self.failures.is_pausing

    def queries_after(self, mark: Mark) -> Queries | None:
        """Returns its connections, if it has certainly reached a mark."""
        known = self._mark
        return self._queries if self._is_open and known is not None and known.lsn >= mark.lsn else None

    async def poll(self, marks: Sequence[Mark]) -> None:
        """Asks the server for its state, and notes the last of the marks that it has reached. Never raises."""
        try:
            state = StandbyState(**await self._probe.read())
        except FAILURES as error:
            self._is_usable = False
            self._note("it does not answer", type(error).__name__)
            return
        if self._client is None or self._client.instance != state.instance:
            self._connect_to(state.instance)
        self._mark = next((mark for mark in reversed(marks) if state.has(mark)), None)
        if self._mark is not None:
            self._reached_at = self._mark.taken_at
        reason = self._reason_against(state, marks[-1] if marks else None)
        self._is_usable = reason is None
        if self._mark is not None or self.lag > self._max_lag:
            self._note(reason)

    def _reason_against(self, state: StandbyState, last: Mark | None) -> str | None:
        """Returns why it may not be used, or None."""
        if not state.is_standby:
            return "it is not a standby, or was promoted"
        if last is None:
            return "the position of the primary is not known"
        if state.system != last.system:
            return "it is not a copy of this database"
        if state.timeline != last.timeline:
            return "it does not follow the present primary, or has not confirmed it by a restart point"
        if self._mark is None or self.lag > self._max_lag:
            return f"it lags by more than {self._max_lag:g} s"
        return "its statements fail" if self.failures.is_pausing else None

    def _note(self, reason: str | None, error: str = "") -> None:
        """Logs a change of the reason."""
        if reason == self.reason:
            return
        if reason is None:
            logger.info("a read replica is used", extra={"replica": self.name})
        else:
            logger.warning(
                "a read replica is not used: %s", reason, extra={"replica": self.name, "error": error or None}
            )
        self.reason = reason

    def lose(self) -> None:
        """Stops using it until the next poll that it answers."""
        self._is_usable = False

    def _connect_to(self, instance: str) -> None:
        """Replaces the connections by those to one start of the server. They are opened when they are needed."""
        self._disconnect()
        client: Any = _Client(self._url, instance, self._size, self._deadline, self._options)
        self._client, self._queries = client, Queries(client, self._dialect, self._deadline)

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.connection_pool.terminate()
        self._client = self._queries = None

    def close(self) -> None:
        """Closes all connections. Statements that run fail."""
        self._is_usable = False
        self._probe.close()
        self._disconnect()


def _note_wait(seconds: float) -> None:
    if (counts := operation_counts.get()) is not None:
        counts.pool_seconds += seconds
