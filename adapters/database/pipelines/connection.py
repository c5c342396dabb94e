"""A connection that runs the statements of one pipeline at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from psycopg import Error, OperationalError
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from adapters.database import postgres_connection
from adapters.database.pipelines.errors import connection_lost, error_of, is_outdated
from adapters.database.pipelines.libpq import pipeline_sync
from adapters.database.pipelines.prepared import Prepared, PreparedStatements
from adapters.database.pipelines.results import RowReader
from adapters.database.pipelines.statements import PendingStatement, Shape

MAX_FIRST_SECONDS = 0.1
"""The seconds that the first statement of a pipeline may run before those behind it go to another connection."""

MAX_REPEATS = 3
"""The maximum of repetitions of a statement whose prepared statement is outdated. Only PgBouncer needs two or more."""

_FAILED, _ABORTED, _SYNC = ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED, ExecStatus.PIPELINE_SYNC
_OPEN = ConnStatus.OK


class StatementPhase(Enum):
    """Whether a statement is described, to learn its types, or executed."""

    DESCRIBE = 1
    EXECUTE = 2


class SentStatement:
    """A statement of a pipeline. `statement` is None when its result is not needed here."""

    __slots__ = ("is_prepared_here", "phase", "prepared", "sql", "statement")

    def __init__(
        self, statement: PendingStatement, prepared: Prepared, phase: StatementPhase, *, is_prepared_here: bool
    ) -> None:
        self.sql = statement.sql
        self.statement: PendingStatement | None = statement
        self.prepared = prepared
        self.phase = phase
        self.is_prepared_here = is_prepared_here


class Owner(Protocol):
    """Is told about a connection."""

    def on_idle(self, connection: "PipelineConnection") -> None:
        """All statements have ended."""

    def on_closed(self, connection: "PipelineConnection") -> None:
        """The connection is lost, and its statements have failed."""

    def send_again(self, statements: Sequence[PendingStatement]) -> None:
        """The statements need another connection."""


class PipelineConnection:
    """Sends statements in one write, and gives each caller its result when it arrives."""

    def __init__(self, connection: PGconn, owner: Owner) -> None:
        self.libpq = connection
        self.is_closed = False
        self.is_cancelling = False
        """Whether the statement that runs is being cancelled. The connection is not used until that has ended."""
        self.entries: deque[SentStatement] = deque()
        self.progress_at = 0.0
        """When the first entry began to run, as far as is known here."""
        self._owner = owner
        self._prepared = PreparedStatements()
        self._results: list[PGresult] = []
        self._loop = asyncio.get_running_loop()
        self._descriptor = connection.socket
        self._is_encrypted = connection.ssl_in_use
        self._is_writing = False
        self._drained: asyncio.Future[None] | None = None
        self._loop.add_reader(self._descriptor, self.read)

    def send(self, statements: Sequence[PendingStatement]) -> None:
        """Sends statements to the server in one write. Those whose values have wrong types fail."""
        if not self.entries:
            self.progress_at = time.monotonic()
        try:
            for statement in statements:
                if not statement.future.done():
                    self._add(statement)
            self._flush()
        except Error:
            self._lose(statements)
            return
        if not self.entries and not self.is_cancelling:
            self._owner.on_idle(self)

    def _add(self, statement: PendingStatement) -> None:
        shape, prepared = statement.known.shape, self._prepared.get(statement.sql)
        try:
            values = shape.encoded(statement.values) if shape is not None else []
        except Exception as error:  # noqa: BLE001 - the caller of the statement raises it
            statement.fail(error)
            return
        is_new = prepared is None or statement.repeats > 0
        if prepared is None or statement.repeats:
            prepared = self._prepared.add(statement.sql)
            for name in self._prepared.take_outdated():
                self.libpq.send_close_prepared(name)
            self.libpq.send_prepare(prepared.name, statement.known.text, shape and shape.oids)
        if shape is None:
            self.libpq.send_describe_prepared(prepared.name)
            phase = StatementPhase.DESCRIBE
        else:
            self.libpq.send_query_prepared(prepared.name, values, shape.formats, shape.result_format)
            phase = StatementPhase.EXECUTE
        pipeline_sync(self.libpq)
        self.entries.append(SentStatement(statement, prepared, phase, is_prepared_here=is_new))

    def _flush(self) -> None:
        has_more = bool(self.libpq.flush())
        if has_more != self._is_writing:
            self._is_writing = has_more
            if has_more:
                self._loop.add_writer(self._descriptor, self._write)
            else:
                self._loop.remove_writer(self._descriptor)

    def _write(self) -> None:
        try:
            self._flush()
        except Error:
            self._lose()

    def read(self) -> None:
        """Reads what has arrived, and gives each caller its result."""
        if self.is_closed:
            return
        libpq, ended = self.libpq, list[SentStatement]()
        try:
            libpq.consume_input()
            if self._is_encrypted:
                libpq.consume_input()  # OpenSSL may have the rest of a record, of which no event tells
            while self.entries and not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    if libpq.status != _OPEN:
                        raise OperationalError
                elif result.status != _SYNC:
                    self._results.append(result)
                else:
                    results, self._results = self._results, []
                    ended.append(entry := self.entries.popleft())
                    self._end(entry, results)
        except Error:
            self._lose()
            return
        if ended:
            self._note_times(ended)
            if not self.entries:
                self._on_drained()

    def _on_drained(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if not self.is_cancelling and not self.is_closed:
            self._owner.on_idle(self)

    async def drained(self, seconds: float) -> None:
        """Returns when all statements have ended, or after some seconds."""
        if self.entries:
            self._drained = self._loop.create_future()
            await asyncio.wait([self._drained], timeout=seconds)

    def _note_times(self, ended: Sequence[SentStatement]) -> None:
        """Divides the time since the last results among the statements whose results have arrived together."""
        now = time.monotonic()
        share = (now - self.progress_at) / len(ended)
        self.progress_at = now
        for entry in ended:
            if entry.statement is not None and entry.phase is StatementPhase.EXECUTE:
                entry.statement.known.add(share)

    def _end(self, entry: SentStatement, results: list[PGresult]) -> None:
        """Ends an entry with the results of all its messages."""
        failed = next((result for result in results if result.status == _FAILED), None)
        if failed is not None:
            self._fail(entry, error_of(failed, entry.sql), is_prepared=results[-1].status != _ABORTED)
            return
        statement, result = entry.statement, results[-1]
        if entry.phase is StatementPhase.DESCRIBE:
            if statement is not None:
                statement.known.shape = Shape(result)
                self._execute(statement)
            return
        if statement is None or statement.future.done():
            return
        try:
            reader = entry.prepared.reader
            if reader is None and result.nfields:
                reader = entry.prepared.reader = RowReader(result)
            rows = reader.rows(result) if reader is not None else []
        except Exception as error:  # noqa: BLE001 - the caller of the statement raises it
            statement.fail(error)
        else:
            statement.future.set_result(rows)

    def _fail(self, entry: SentStatement, error: Exception, *, is_prepared: bool) -> None:
        """Ends an entry with an error. A statement that did not run because of an older schema is sent again."""
        statement, outdated = entry.statement, is_outdated(error, is_new=entry.is_prepared_here)
        could_not_prepare = entry.is_prepared_here and not is_prepared
        if outdated or could_not_prepare:
            self._prepared.forget(entry.sql, is_on_server=not could_not_prepare)
        if statement is None:
            return
        had_shape = entry.phase is StatementPhase.EXECUTE
        if (outdated or (could_not_prepare and had_shape)) and statement.repeats < MAX_REPEATS:
            statement.repeats += 1
            statement.known.shape = None
            self._owner.send_again([statement])
        else:
            statement.fail(error)

    def _execute(self, statement: PendingStatement) -> None:
        """Sends a statement whose types are known now."""
        if statement.future.done():
            return
        if self.is_cancelling:
            self._owner.send_again([statement])
        else:
            self._add(statement)
            self._flush()

    def take_back(self) -> list[PendingStatement]:
        """Returns the statements behind the first, which will be sent elsewhere. Only reads are behind another."""
        taken: list[PendingStatement] = []
        for entry in list(self.entries)[1:]:
            if entry.statement is not None and not entry.statement.future.done():
                taken.append(entry.statement)
            entry.statement = None
        return taken

    def left_at(self) -> float | None:
        """Returns since when nothing waits for the statement that runs. None if its caller waits, or nothing runs."""
        if not self.entries:
            return None
        statement = self.entries[0].statement
        if statement is None:
            return self.progress_at
        return max(statement.left_at, self.progress_at) if statement.future.done() else None

    def next_check(self) -> float | None:
        """Returns when the statement that runs has to be looked at: the limit of its callers, or of those behind."""
        if self.is_cancelling or not self.entries:
            return None
        left_at = self.left_at()
        if left_at is not None:
            return left_at + postgres_connection.GRACE_SECONDS
        has_others = any(entry.statement is not None for entry in list(self.entries)[1:])
        return self.progress_at + MAX_FIRST_SECONDS if has_others else None

    def is_overdue(self, now: float) -> bool:
        """Returns whether `next_check` has passed."""
        at = self.next_check()
        return at is not None and at <= now

    def close(self) -> None:
        """Closes the connection. Its statements fail."""
        self._lose()

    def _lose(self, unsent: Sequence[PendingStatement] = ()) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        failed = next((result for result in self._results if result.status == _FAILED), None)
        first = self.entries[0] if self.entries else None
        for entry in self.entries:
            if entry.statement is not None:
                is_known = entry is first and failed is not None
                entry.statement.fail(error_of(failed, entry.sql) if is_known and failed else connection_lost())
        for statement in unsent:
            statement.fail(connection_lost())
        self.entries.clear()
        self._results.clear()
        self.libpq.finish()
        self._on_drained()
        self._owner.on_closed(self)
