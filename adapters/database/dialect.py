"""Statements, and the differences between engines."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tortoise.backends.base.client import BaseDBAsyncClient

from adapters.database.rows import Rows
from core.durations import Durations

if TYPE_CHECKING:
    from adapters.database.schema_session import SchemaSession

Columns = Mapping[str, str]
"""The PostgreSQL type of each column, such as `bigint`, in order."""


TagReader = Callable[[Sequence[Any], Sequence[Any]], Iterable[str] | None]
"""Returns the cache tags of a statement's values and rows. None if a response with these rows must not be cached."""


class DialectSQL(NamedTuple):
    """A statement, or a value of a statement, in two dialects."""

    postgres: str
    sqlite: str


class TaggedSQL(DialectSQL):
    """A statement with the tags of its rows. A response with rows of any other statement is not cached."""

    tags: TagReader

    @classmethod
    def of(cls, sql: "str | DialectSQL", tags: TagReader) -> "TaggedSQL":
        """Returns the statement with these tags."""
        tagged = cls(sql, sql) if isinstance(sql, str) else cls(*sql)
        tagged.tags = tags
        return tagged


class Recorder(Protocol):
    """Receives what an operation reads, if its response may be cached."""

    def record(self, sql: str | DialectSQL, values: Sequence[Any], rows: Sequence[Any]) -> None:
        """Receives a statement with its values and rows."""

    def read_at(self, position: int, lag: float) -> None:
        """Receives the position of the last announcement that the rows certainly contain, and its age in seconds."""


statement_recorder: ContextVar[Recorder | None] = ContextVar("statement_recorder", default=None)
"""The recorder of the current operation."""


class PoolState(Protocol):
    """The connections of a pool: how many are in use and how many callers wait, now and until now."""

    @property
    def size(self) -> int: ...
    @property
    def in_use(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def waits(self) -> Durations: ...


class Dialect(ABC):
    """The differences between engines."""

    system: str
    """The name of the engine in traces: `db.system.name`."""

    partitions_tables: bool = False
    """Whether the engine can divide a table into partitions."""

    address: str
    """The file, or the hosts, ports and name of the database, without user and password."""

    @abstractmethod
    def statement(self, sql: str | DialectSQL) -> str:
        """Returns the text of a statement for this engine."""

    @abstractmethod
    def values(self, values: tuple[object, ...]) -> list[Any]:
        """Converts values for the driver. A list is an array."""

    @abstractmethod
    def rows_table(self, columns: Columns, first: int) -> str:
        """Returns a table expression of rows, which are bound by `rows_values` from the parameter `$first` on."""

    @abstractmethod
    def rows_values(self, columns: Columns, rows: Sequence[tuple[object, ...]]) -> list[Any]:
        """Converts rows for the driver, as parameters of `rows_table`."""

    @abstractmethod
    def fetch(self, client: Any, statement: str, values: list[Any], deadline: float) -> Awaitable[Rows]:
        """Returns the rows of a statement as dicts, with instants as `datetime` in UTC. Booleans may be 0 and 1.

        Raises `TimeoutError` after `deadline` seconds.
        """

    @abstractmethod
    def is_unavailable(self, error: Exception) -> bool:
        """Returns whether the error means that the engine does not answer."""

    def pool_state(self, client: Any) -> PoolState | None:  # noqa: ARG002 - some engines override it
        """Returns the state of the pool. None if the engine has one connection."""
        return None

    def is_contended(self, error: Exception) -> bool:  # noqa: ARG002 - some engines override it
        """Returns whether the engine rolled the transaction back in favor of a concurrent one."""
        return False

    def is_locked(self, error: Exception) -> bool:  # noqa: ARG002 - some engines override it
        """Returns whether the error means that another process has locked the database."""
        return False

    def is_lock_timeout(self, error: Exception) -> bool:  # noqa: ARG002 - some engines override it
        """Returns whether the error means that a statement waited too long for a lock."""
        return False

    @abstractmethod
    async def limit_lock_waits(self, client: Any, seconds: float) -> None:
        """Sets the maximum time that statements of this transaction wait for a lock."""

    @abstractmethod
    async def await_standbys(self, client: Any) -> None:
        """Has the commit of a transaction that only reads wait until synchronous standbys have what it has read.

        A commit whose wait for standbys was cancelled is visible, and is lost if a standby takes over.
        """

    @abstractmethod
    async def allow_idle_transaction(self, client: Any) -> None:
        """Removes the engine's limit on idle time for this transaction."""

    @abstractmethod
    def transaction(self, client: Any) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
        """Opens a transaction and returns its client. Commits when the block ends; rolls back when it raises."""

    @abstractmethod
    async def copy(self, client: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Inserts many rows in bulk within a transaction. Reads `rows` lazily."""

    @abstractmethod
    async def drop_tables(self, client: Any) -> None:
        """Drops all tables."""

    @abstractmethod
    async def analyze(self, client: Any) -> None:
        """Updates the statistics of the query planner, after many rows were written."""

    @abstractmethod
    def migration_lock(self) -> AbstractAsyncContextManager[None]:
        """Returns a lock that one process holds at a time. The lock ends with its process."""

    def schema_session(self, *, hurried: bool = False) -> "AbstractAsyncContextManager[SchemaSession | None]":  # noqa: ARG002 - some engines override it
        """Returns a connection for changes of partitions, which holds the lock of migrations.

        None if another process holds the lock, or if the engine does not partition tables. If `hurried`, a statement
        that does not get its locks at once fails without further attempts.
        """
        return nullcontext()
