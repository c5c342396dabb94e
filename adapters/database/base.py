"""The interface of the database."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from tortoise import context as tortoise_context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext

from adapters.database.dialect import Columns, Dialect, DialectSQL, PoolState, statement_recorder
from adapters.database.rows import Rows
from adapters.database.traces import traced_statement
from core.errors import Contended, Unavailable
from core.operation_counts import operation_counts
from core.tracing import current_span

logger = logging.getLogger(__name__)


class Queries:
    """Runs statements on one connection, or on any connection of a pool."""

    def __init__(
        self, client: BaseDBAsyncClient, dialect: Dialect, deadline: float, feature: str | None = None
    ) -> None:
        self.client = client
        """The client for Tortoise's models: `Model.create(…, using_db=queries.client)`."""
        self.dialect = dialect
        self.feature = feature
        """The feature that reads and writes by it, or None if all of them do."""
        self.deadline = deadline
        """The maximum seconds of a statement, with the wait for a connection."""

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]:
        """Returns the rows of a statement as dicts. Raises `Unavailable` when the engine does not answer in time."""
        dialect = self.dialect
        rows = await self._fetch(dialect.statement(sql), dialect.values(values))
        if (recorder := statement_recorder.get()) is not None:
            recorder.record(sql, values, rows)
        return rows

    async def fetch_with_rows(
        self, sql: str | DialectSQL, columns: Columns, rows: Sequence[tuple[object, ...]], *values: object
    ) -> list[Any]:
        """Runs a statement that reads `rows` from the table expression `input_rows` with these columns.

        Without rows no statement runs. SQLite requires `WHERE true` between `FROM input_rows` and `ON CONFLICT`.
        """
        if not rows:
            return []
        dialect = self.dialect
        table = f"WITH input_rows ({', '.join(columns)}) AS ({dialect.rows_table(columns, len(values) + 1)})"
        statement = f"{table} {dialect.statement(sql)}"
        found = await self._fetch(statement, [*dialect.values(values), *dialect.rows_values(columns, rows)])
        if (recorder := statement_recorder.get()) is not None:
            recorder.record(sql, values, found)
        return found

    async def _fetch(self, statement: str, values: list[Any]) -> list[Any]:
        try:
            return await self._run(statement, values, self.deadline)
        except Exception as error:
            self._raise_translated(error)
            raise

    def _run(self, statement: str, values: list[Any], deadline: float) -> Awaitable[Rows]:
        """Runs a statement, which counts for the current operation and is part of its trace."""
        if (counts := operation_counts.get()) is not None:
            counts.statements += 1
        fetched, span = self.dialect.fetch(self.client, statement, values, deadline), current_span.get()
        return fetched if span is None else traced_statement(span, self.dialect.system, statement, fetched)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Inserts many rows into a table, without a deadline."""
        await self.dialect.copy(self.client, table, columns, rows)

    @contextmanager
    def translated_errors(self) -> Generator[None]:
        """Raises `Unavailable` for errors of an engine that does not answer, and `Contended` for contention."""
        try:
            yield
        except Exception as error:
            self._raise_translated(error)
            raise

    def _raise_translated(self, error: Exception) -> None:
        if self.dialect.is_contended(error):
            raise Contended("Concurrent changes prevented this one. Try again.") from error
        if self._is_unavailable(error):
            logger.warning("database unavailable", exc_info=error)
            raise self.unavailable("the database does not answer") from error

    def unavailable(self, reason: str, retry_after: float | None = None) -> Unavailable:
        """Returns an error that names the feature and why it is not available."""
        if self.feature is None:
            return Unavailable(f"{reason[0].upper()}{reason[1:]}. Try again.", retry_after)
        message = f"The feature '{self.feature}' is unavailable: {reason}. Try again."
        return Unavailable(message, retry_after, self.feature)

    def _is_unavailable(self, error: Exception) -> bool:
        # TimeoutError is a subclass of OSError.
        return isinstance(error, OSError) or self.dialect.is_unavailable(error)


@contextmanager
def current_context(context: TortoiseContext) -> Generator[None]:
    variable = tortoise_context._current_context  # noqa: SLF001 - __enter__ does not support concurrent tasks
    token = variable.set(context)
    try:
        yield
    finally:
        variable.reset(token)


class Database(Queries):
    """A database with Tortoise's models bound to it."""

    def __init__(self, context: TortoiseContext, dialect: Dialect, deadline: float, max_connections: int = 1) -> None:
        super().__init__(context.db(), dialect, deadline)
        self.context = context
        self.max_connections = max_connections
        """The maximum of statements that run at the same time."""

    @property
    def undivided(self) -> "Database":
        """The database without the limits of a feature, for work that no field of a request waits for."""
        return self

    def too_slow(self, *, is_begun: bool) -> Unavailable:  # noqa: ARG002 - features count failures of transactions
        """Returns the error of a unit of work that took too long. `is_begun` says whether its transaction had begun."""
        return self.unavailable("this takes too long at the moment")

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Queries]:
        """Opens a transaction. Commits when the block ends, rolls back when it raises.

        Raises `Unavailable` when it cannot begin within the deadline, or cannot commit.
        """
        transaction = self.dialect.transaction(self.client)
        with self.translated_errors():
            async with asyncio.timeout(self.deadline):
                client = await transaction.__aenter__()
        try:
            with self.current(client):
                yield self._queries(client)
        except BaseException as error:
            with self.translated_errors():
                await transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        with self.translated_errors():
            await transaction.__aexit__(None, None, None)

    def _queries(self, client: BaseDBAsyncClient) -> Queries:
        """Returns the queries of a transaction."""
        return Queries(client, self.dialect, self.deadline)

    @contextmanager
    def current(self, client: BaseDBAsyncClient | None = None) -> Generator[None]:
        """Makes this database, or the client of a transaction, the default of Tortoise's models within the block."""
        with current_context(self.context):
            connections = self.context.connections
            token = connections.set(self.client.connection_name, client or self.client)
            try:
                yield
            finally:
                connections.reset(token)

    def pool_state(self) -> PoolState | None:
        """Returns the state of the pool of connections. None without a pool."""
        return self.dialect.pool_state(self.client)

    async def close(self) -> None:
        with self.current():
            await self.context.close_connections()
