"""Runs `bff migrate` on one database again and again, killed some statements later each time, until it comes through.

A program of its own, since it forks: `python -m tests.support.killed_migrations URL STATEMENTS`. It prints how many
kills there were.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import aiosqlite
import asyncpg
from asyncpg.connection import Connection

import cli.migrate
from tests.support.timing import settings_for

_PATIENCE = 20_000
_BEGINNINGS = ("BEGIN;", "BEGIN IMMEDIATE", "DROP INDEX CONCURRENTLY", "CREATE INDEX IF NOT EXISTS")


def die_after(statements: int, *, from_start: bool) -> None:
    """Has this process killed when an engine has answered so many statements, or so many since it began to migrate."""
    left, begun = [statements], [from_start]

    def count(sql: str) -> None:
        begun[0] |= sql.startswith(_BEGINNINGS)
        left[0] -= begun[0]
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def counted(_connection: object, query: str, *_arguments: object) -> Generator[None]:
        yield
        count(query)

    begin, execute = Connection.__init__, aiosqlite.Connection._execute

    def watched(self: Any, *arguments: Any) -> None:
        begin(self, *arguments)
        self._query_loggers = {None}

    async def executed(self: Any, run: Any, *arguments: Any, **more: Any) -> Any:
        answer = await execute(self, run, *arguments, **more)
        if run.__name__ not in ("fetchall", "close", "rollback"):
            count(str(arguments[0]) if arguments else "COMMIT")
        return answer

    for patched, name, by in (
        (Connection, "__init__", watched),
        (Connection, "_time_and_log", counted),
        (aiosqlite.Connection, "_execute", executed),
    ):
        setattr(patched, name, by)


def survives(work: Callable[[], object], statements: int, *, from_start: bool) -> bool:
    """Does work in a process of its own, which `die_after` ends. Returns whether the process ended before."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        die_after(statements, from_start=from_start)
        work()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return False
    assert os.waitstatus_to_exitcode(status) == 0, f"the process failed after {statements} statements at the most"
    return True


def recorded(url: str) -> int:
    """Returns the number of recorded migrations."""
    sql = "SELECT COUNT(*) FROM tortoise_migrations"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file, suppress(sqlite3.OperationalError):
            (count,) = file.execute(sql).fetchone()
            return int(count)
        return 0

    async def ask() -> int:
        connect: Any = asyncpg.connect
        connection = await connect(url)
        with suppress(asyncpg.UndefinedTableError):
            return int(await connection.fetchval(sql))
        return 0

    return asyncio.run(ask())


def main(url: str, every: int) -> None:
    """Each run is killed `every` statements later than the one before, until one more migration is kept.

    What comes before the migrations is the same in each run, so it is killed before the first one alone.
    """
    kills, statements, before = 0, 1, 0
    migrate = partial(cli.migrate.run, settings_for(url), Namespace(contract=True))
    null = os.open(os.devnull, os.O_WRONLY)
    out = os.dup(1)
    os.dup2(null, 1)
    while not survives(migrate, statements, from_start=before == 0):
        kills += 1
        now = recorded(url)
        assert now >= before
        assert kills < _PATIENCE
        statements, before = (1 if now > before else statements + every), now
    os.dup2(out, 1)
    sys.stdout.write(f"{kills}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
