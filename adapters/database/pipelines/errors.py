"""Errors of the server and of connections, as exceptions of asyncpg, which callers handle."""

from typing import Any

import asyncpg
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

_FIELDS = {int(field): chr(field) for field in DiagnosticField}
_OUTDATED = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InternalServerError,  # "cache lookup failed", if a type was dropped
)


def error_of(result: PGresult, statement: str) -> asyncpg.PostgresError:
    """Returns the error that a result contains. libpq and asyncpg name its fields by the same letters."""
    found = {letter: result.error_field(code) for code, letter in _FIELDS.items()}
    fields = {letter: value.decode("utf-8", "replace") for letter, value in found.items() if value is not None}
    new: Any = asyncpg.PostgresError.new
    return new(fields, statement)


def is_outdated(error: Exception, *, is_new: bool) -> bool:
    """Returns whether a prepared statement may have failed because the schema has changed, or the server lost it.

    The latter happens behind PgBouncer to statements that are new, too. A statement that failed had no effect, since it
    is a transaction of its own, so it may be repeated.
    """
    is_lost = isinstance(error, asyncpg.InvalidSQLStatementNameError)
    return is_lost or (not is_new and isinstance(error, _OUTDATED))


def connection_lost() -> Exception:
    """Returns the error of statements whose connection ended before their result."""
    return asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
