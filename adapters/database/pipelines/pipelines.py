"""Collects the statements of one turn of the event loop, and divides them into pipelines."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import Context
from itertools import chain
from math import inf
from typing import Any

import asyncpg
from psycopg import OperationalError
from psycopg.pq.abc import PGconn
from tortoise.exceptions import DBConnectionError, IntegrityError

from adapters.database import postgres_connection
from adapters.database.pipelines.connection import MAX_FIRST_SECONDS, PipelineConnection
from adapters.database.pipelines.libpq import cancel_statement
from adapters.database.pipelines.statements import KnownStatements, PendingStatement
from adapters.database.rows import Rows
from adapters.database.slots import ConnectionSlots

logger = logging.getLogger(__name__)

MAX_STATEMENTS = 16
"""The maximum number of statements of a pipeline."""
BUDGET_SECONDS = 0.02
"""The maximum of the measured costs of a pipeline, in sum. Statements that cost more run alone."""

_CANCEL_SECONDS = 1.0
_REPEAT_SECONDS = 0.1


class Pipelines:
    """Runs statements outside of transactions. At most as many pipelines run at a time as there are free slots.

    `note_wait` is called with the seconds that a statement has waited for a connection.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[PGconn]], slots: ConnectionSlots, note_wait: Callable[[float], None]
    ) -> None:
        self._connect = connect
        self._slots = slots
        self._lane = slots.pipelines
        self._lane.count_open = self._count_open
        self._lane.close_idle = self._close_idle
        self._note_wait = note_wait
        self._known = KnownStatements()
        self._queue: deque[PendingStatement] = deque()
        self._busy: set[PipelineConnection] = set()
        self._opening: dict[asyncio.Task[None], Sequence[PendingStatement]] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._is_due = False
        self._wakes_at = inf
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def fetch(self, sql: str, values: Sequence[Any], deadline: float) -> Rows:
        """Returns the rows of a statement. Raises `TimeoutError` after `deadline` seconds."""
        if self._is_closed:
            raise DBConnectionError("the connection pool is closed")
        statement = PendingStatement(sql, values, self._known.of(sql), deadline)
        self._queue.append(statement)
        self._schedule()
        if statement.ends_at < self._wakes_at:
            self._watch(statement.ends_at)
        try:
            return await statement.future
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(error) from error
        except asyncio.CancelledError:
            statement.left_at = time.monotonic()
            self._watch(statement.left_at + postgres_connection.GRACE_SECONDS)
            raise
        finally:
            if statement.waited:
                self._note_wait(statement.waited)

    def _schedule(self) -> None:
        """Sends what waits when the tasks that are ready now have run, so that their statements share a pipeline."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._is_due = False
        self._forget_ended()
        while self._queue:
            if not self._slots.take(self._lane):
                for _ in range(len(self._queue) - len(self._lane.waiting)):
                    self._slots.wait(self._lane, self._run_next)
                return
            self._run(self._next_pipeline())

    def _forget_ended(self) -> None:
        """Removes statements whose callers have left, and their places among those who wait for a slot."""
        self._queue = deque(statement for statement in self._queue if not statement.future.done())
        while len(self._lane.waiting) > len(self._queue):
            self._lane.waiting.pop()

    def _run_next(self, connection: PipelineConnection | None) -> bool:
        """Runs the next pipeline on a connection, or in a slot, for which it waited. Returns whether there was one."""
        self._forget_ended()
        if not self._queue:
            return False
        statements, now = self._next_pipeline(), time.monotonic()
        for statement in statements:
            statement.waited = now - statement.begun
        self._run(statements, connection)
        return True

    def _next_pipeline(self) -> list[PendingStatement]:
        """Takes the statement that has waited longest, and others that run with it."""
        first = self._queue.popleft()
        taken, cost = [first], _cost(first)
        if cost > BUDGET_SECONDS:
            return taken
        left: list[PendingStatement] = []
        while self._queue and len(taken) < MAX_STATEMENTS:
            statement = self._queue.popleft()
            more = _cost(statement)
            if cost + more <= BUDGET_SECONDS:
                taken.append(statement)
                cost += more
            else:
                left.append(statement)
        self._queue.extendleft(reversed(left))
        return taken

    def _run(self, statements: Sequence[PendingStatement], connection: PipelineConnection | None = None) -> None:
        """Runs statements in a slot that is taken."""
        if connection is None and self._lane.idle:
            connection = self._lane.idle.pop()
        if len(statements) > 1:
            self._watch(time.monotonic() + MAX_FIRST_SECONDS)
        if connection is None:
            loop = asyncio.get_running_loop()
            # The connection outlives the request that opens it, so it does not have its context.
            task = loop.create_task(self._open(statements), context=Context())
            self._opening[task] = statements
            task.add_done_callback(self._opening.pop)
        else:
            self._busy.add(connection)
            connection.send(statements)

    async def _open(self, statements: Sequence[PendingStatement]) -> None:
        """Opens a connection for statements. If that fails, they fail."""
        try:
            await self._slots.make_room(self._lane)
            libpq = await self._connect()
        except BaseException as error:
            # The text of other errors may contain parts of the URL.
            is_shown = isinstance(error, OSError | DBConnectionError)
            reason = error if is_shown else DBConnectionError(type(error).__name__)
            for statement in statements:
                statement.fail(reason)
            self._slots.pass_on(self._lane, None)
            if not isinstance(error, Exception):
                raise
            return
        connection = PipelineConnection(libpq, self)
        self._busy.add(connection)
        connection.send(statements)

    def on_idle(self, connection: PipelineConnection) -> None:
        """Gives a connection whose pipeline has ended to the next one."""
        self._busy.discard(connection)
        self._slots.pass_on(self._lane, connection)

    def on_closed(self, connection: PipelineConnection) -> None:
        """Removes a connection that is closed."""
        if connection in self._busy:
            self._busy.discard(connection)
            self._slots.pass_on(self._lane, None)
        elif connection in self._lane.idle:
            self._lane.idle.remove(connection)

    def send_again(self, statements: Sequence[PendingStatement]) -> None:
        """Sends statements over other connections, each alone."""
        for statement in statements:
            statement.is_alone = True
        self._queue.extendleft(reversed(statements))
        self._schedule()

    def _watch(self, at: float) -> None:
        """Looks at all statements at an instant, or earlier."""
        if at >= self._wakes_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = asyncio.get_running_loop().call_later(max(0.0, at - time.monotonic()), self._check_all)

    def _check_all(self) -> None:
        """Ends statements whose deadline has passed, and looks at those that take too long for others."""
        now, self._wakes_at = time.monotonic(), inf
        for statement in self._statements():
            if statement.ends_at <= now and not statement.future.done():
                statement.time_out(now)
        for statement in self._queue:
            if statement.future.done():
                statement.waited = now - statement.begun
        self._forget_ended()
        for connection in list(self._busy):
            self._check(connection, now)
        ends = [statement.ends_at for statement in self._statements() if not statement.future.done()]
        checks = [at for connection in self._busy if (at := connection.next_check()) is not None]
        if ends or checks:
            self._watch(min(*ends, *checks, inf))

    def _statements(self) -> Iterator[PendingStatement]:
        running = (entry.statement for connection in self._busy for entry in connection.entries)
        return chain(self._queue, *self._opening.values(), (each for each in running if each is not None))

    def _check(self, connection: PipelineConnection, now: float) -> None:
        """Cancels a statement that no caller waits for, and sends those behind one that takes long elsewhere."""
        if not connection.is_overdue(now):
            return
        connection.read()  # a busy process may have results that it has not read
        if not connection.is_overdue(now):
            return
        running, is_left = connection.entries[0].statement, connection.left_at() is not None
        if running is not None:
            running.known.hangs(now - connection.progress_at)
        self.send_again(connection.take_back())
        if is_left:
            connection.is_cancelling = True
            task = asyncio.get_running_loop().create_task(self._cancel(connection), context=Context())
            self._cancelling.add(task)
            task.add_done_callback(self._cancelling.discard)

    async def _cancel(self, connection: PipelineConnection) -> None:
        """Cancels what runs on a connection, so that it can be used again. Closes it if the server does not answer."""
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                while connection.entries:
                    await cancel_statement(connection.libpq)
                    await connection.drained(_REPEAT_SECONDS)
        except (OperationalError, DBConnectionError, OSError) as error:
            logger.warning("closed a connection whose statement was not cancelled: %s", type(error).__name__)
            connection.close()
        except BaseException:
            connection.close()
            raise
        if not connection.is_closed:
            connection.is_cancelling = False
            self.on_idle(connection)

    def _count_open(self) -> int:
        return len(self._lane.idle) + len(self._busy) + len(self._opening)

    async def _close_idle(self) -> None:
        if self._lane.idle:
            self._lane.idle[0].close()

    async def close(self) -> None:
        """Closes all connections. Waits for those in use."""
        self._is_closed = True
        if waiting := [statement.future for statement in self._statements() if not statement.future.done()]:
            await asyncio.wait(waiting)
        self.terminate()

    def terminate(self) -> None:
        """Closes all connections. Statements that wait or run fail."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in (*self._opening, *self._cancelling):
            task.cancel()
        for statement in list(self._statements()):
            statement.fail(DBConnectionError("the connection pool is closed"))
        self._queue.clear()
        for connection in (*self._busy, *self._lane.idle):
            connection.close()


def _cost(statement: PendingStatement) -> float:
    """Returns the seconds that a statement will probably take. `inf` if it has to run alone."""
    seconds = statement.known.seconds
    return inf if seconds is None or statement.is_alone or not statement.known.is_read else seconds
