"""Records the statements of our server, so that the compared servers on Node execute the same ones.

The servers receive the texts in an environment variable, by the function of ours that reads with them.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from adapters.database import DialectSQL, Queries
from bench.inprocess import opened
from bench.operations import Operation
from bench.servers import ServerSettings
from bench.world import BenchError, connected
from core.settings import Settings

VARIABLE = "PEER_STATEMENTS"

Hear = Callable[[str, str], None]

_is_heard: ContextVar[bool] = ContextVar("is_heard", default=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of ours for PostgreSQL, and the names of its columns in order."""

    text: str
    columns: Sequence[str]


@contextmanager
def listening(hear: Hear) -> Generator[None]:
    """Calls `hear` with the name of the reading function and the text for PostgreSQL of each statement of the block.

    Tasks that were started before the block, such as loops of the server, are ignored.
    """
    original: Callable[..., Any] = Queries.fetch

    async def fetch(self: Queries, sql: str | DialectSQL, *values: object) -> list[Any]:
        if _is_heard.get():
            caller = sys._getframe(1).f_code.co_qualname  # noqa: SLF001 - the coroutine that awaits this one
            hear(caller.partition(".<locals>")[0], sql if isinstance(sql, str) else sql.postgres)
        return await original(self, sql, *values)

    Queries.fetch = fetch
    token = _is_heard.set(True)
    try:
        yield
    finally:
        _is_heard.reset(token)
        Queries.fetch = original


def peer_statements(shared: ServerSettings, operation: Operation, tokens: Sequence[str]) -> dict[str, str]:
    """Returns the environment variable with the statements of an operation."""
    return variable(asyncio.run(recorded(shared, operation, tokens)))


def variable(statements: Mapping[str, Statement]) -> dict[str, str]:
    """Returns the environment variable from which the servers on Node read the statements."""
    return {VARIABLE: json.dumps({name: asdict(statement) for name, statement in statements.items()})}


async def recorded(shared: ServerSettings, operation: Operation, tokens: Sequence[str]) -> Mapping[str, Statement]:
    """Returns the statements of an operation by the name of the reading function.

    Executes the operation for each token in this process. Raises `BenchError` if a function reads with several texts.
    """
    settings = Settings(
        env="production",
        database_url=shared.database_url,
        database_pool=shared.database_pool,
        secret_keys=shared.secret_keys,
        log_level="WARNING",
    )
    texts: dict[str, set[str]] = {}
    async with opened(settings, operation.body(0), tokens) as application:
        with listening(lambda name, text: texts.setdefault(name, set()).add(text)):
            for place, token in enumerate(tokens):
                await application.ask(token, operation.body(place))
    several = [name for name, found in texts.items() if len(found) > 1]
    if several:
        raise BenchError(f"several statements of one function: {', '.join(several)}")
    async with connected(shared.database_url) as connection:
        return {name: await described(connection, text) for name, (text,) in texts.items()}


async def described(connection: Any, text: str) -> Statement:
    """Returns the statement with the names of its columns, from PostgreSQL."""
    prepared = await connection.prepare(text)
    return Statement(text, [attribute.name for attribute in prepared.get_attributes()])
