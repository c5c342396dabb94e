"""What a database does for the floors above, whichever engine it is."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, NamedTuple

from tortoise import context as tortoise_context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext

from adapters.database.rows import Rows
from core.errors import Contended, Unavailable

logger = logging.getLogger(__name__)

Columns = Mapping[str, str]
"""PostgreSQL's type of each column, like `bigint`, in order."""


class DialectSQL(NamedTuple):
    """One statement, or one value of a statement, in two dialects."""

    postgres: str
    sqlite: str


class Dialect(ABC):
    """What differs between engines."""

    @abstractmethod
    def statement(self, sql: str | DialectSQL) -> str:
        """The engine's own text of a statement."""

    @abstractmethod
    def values(self, values: tuple[object, ...]) -> list[Any]:
        """Values as the driver takes them; a list stands for an array."""

    @abstractmethod
    def rows_table(self, columns: Columns, place: int) -> str:
        """A table expression of rows that are bound from the parameter `$place` on, as `rows_values` binds them."""

    @abstractmethod
    def rows_values(self, columns: Columns, rows: Sequence[tuple[object, ...]]) -> list[Any]:
        """Rows as the driver takes them for `rows_table`."""

    @abstractmethod
    async def fetch(self, client: Any, statement: str, values: list[Any], deadline: float) -> Rows:
        """The rows of a statement, made by `rows.py`, with instants as `datetime` in UTC; booleans may be 0 and 1.

        `TimeoutError` when they are not there in `deadline` seconds.
        """

    @abstractmethod
    def is_gone(self, error: Exception) -> bool:
        """Whether the driver says by this that the engine cannot be used at the moment."""

    def is_contended(self, error: Exception) -> bool:  # noqa: ARG002 - said by the engines that can
        """Whether the driver says by this that it chose this transaction to be undone, so that others can go on."""
        return False

    def is_held(self, error: Exception) -> bool:  # noqa: ARG002 - said by the engines that can
        """Whether the driver says by this that another process has to finish first."""
        return False

    def is_blocked(self, error: Exception) -> bool:  # noqa: ARG002 - said by the engines that can
        """Whether the driver says by this that a statement gave up waiting for a lock."""
        return False

    @abstractmethod
    async def limit_lock_waits(self, client: Any, seconds: float) -> None:
        """Has statements of this transaction give up when they have waited so long for a lock."""

    @abstractmethod
    async def allow_idling(self, client: Any) -> None:
        """Has the engine wait for the next statement of this transaction as long as its process lives."""

    @abstractmethod
    def transaction(self, client: Any) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
        """A client inside a transaction: committed when the block ends, rolled back when it raises or is cancelled."""

    @abstractmethod
    async def copy(self, client: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Writes many rows, as fast as the engine can; `rows` is read as it goes. Only inside a transaction."""

    @abstractmethod
    async def drop_tables(self, client: Any) -> None:
        """Drops every table that there is."""

    @abstractmethod
    async def analyze(self, client: Any) -> None:
        """Has the engine count anew what its planner goes by, after many rows were written."""

    @abstractmethod
    def migration_lock(self) -> AbstractAsyncContextManager[None]:
        """Held by one process at a time, and let go when that process dies."""


class Queries:
    """Runs statements on one connection, or on any of a pool."""

    def __init__(self, client: BaseDBAsyncClient, dialect: Dialect, deadline: float) -> None:
        self.client = client
        """For Tortoise's models: `Model.create(…, using_db=queries.client)`."""
        self.dialect = dialect
        self._deadline = deadline

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]:
        """The rows of a statement as dicts. `Unavailable` when the engine is gone or the deadline passes."""
        dialect = self.dialect
        return await self._fetch(dialect.statement(sql), dialect.values(values))

    async def fetch_with_rows(
        self, sql: str | DialectSQL, columns: Columns, rows: Sequence[tuple[object, ...]], *values: object
    ) -> list[Any]:
        """As `fetch`, for a statement that reads many rows from a table `input_rows` with these columns.

        Without rows no statement runs. Behind `FROM input_rows`, SQLite wants `WHERE true` before an `ON CONFLICT`.
        """
        if not rows:
            return []
        dialect = self.dialect
        table = f"WITH input_rows ({', '.join(columns)}) AS ({dialect.rows_table(columns, len(values) + 1)})"
        statement = f"{table} {dialect.statement(sql)}"
        return await self._fetch(statement, [*dialect.values(values), *dialect.rows_values(columns, rows)])

    async def _fetch(self, statement: str, values: list[Any]) -> list[Any]:
        try:
            return await self.dialect.fetch(self.client, statement, values, self._deadline)
        except Exception as error:
            self._explain(error)
            raise

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Writes many rows into a table, without a deadline."""
        await self.dialect.copy(self.client, table, columns, rows)

    @contextmanager
    def answering(self) -> Generator[None]:
        """Turns the ways in which an engine is gone, or lets others go first, into `Unavailable`."""
        try:
            yield
        except Exception as error:
            self._explain(error)
            raise

    def _explain(self, error: Exception) -> None:
        if self.dialect.is_contended(error):
            raise Contended("Others change the same at the moment. Try again.") from error
        if self._is_gone(error):
            logger.warning("database unavailable", exc_info=error)
            raise Unavailable("The database does not answer. Try again.") from error

    def _is_gone(self, error: Exception) -> bool:
        return isinstance(error, OSError) or self.dialect.is_gone(error)


@contextmanager
def made_current(context: TortoiseContext) -> Generator[None]:
    variable = tortoise_context._current_context  # noqa: SLF001 - __enter__ is not made for two tasks at once
    token = variable.set(context)
    try:
        yield
    finally:
        variable.reset(token)


class Database(Queries):
    """One database, with Tortoise's models bound to it."""

    def __init__(self, context: TortoiseContext, dialect: Dialect, deadline: float) -> None:
        super().__init__(context.db(), dialect, deadline)
        self._context = context

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Queries]:
        """Commits when the block ends, rolls back when it raises.

        `Unavailable` when it cannot begin before the deadline passes, or cannot be committed.
        """
        transaction = self.dialect.transaction(self.client)
        with self.answering():
            async with asyncio.timeout(self._deadline):
                client = await transaction.__aenter__()
        try:
            with self.current(client):
                yield Queries(client, self.dialect, self._deadline)
        except BaseException as error:
            with self.answering():
                await transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        with self.answering():
            await transaction.__aexit__(None, None, None)

    @contextmanager
    def current(self, client: BaseDBAsyncClient | None = None) -> Generator[None]:
        """Makes this database, or a transaction's client of it, the one that Tortoise finds where it looks for one."""
        with made_current(self._context):
            connections = self._context.connections
            token = connections.set(self.client.connection_name, client or self.client)
            try:
                yield
            finally:
                connections.reset(token)

    async def close(self) -> None:
        with self.current():
            await self._context.close_connections()
