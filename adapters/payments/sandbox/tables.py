"""The tables of the sandbox, and its connection to SQLite."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS cards (
    reference TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, owner_id INTEGER NOT NULL, token TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS charges (
    reference TEXT PRIMARY KEY, owner_id INTEGER NOT NULL, payment_id INTEGER NOT NULL, method TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, secret TEXT NOT NULL,
    moved_at REAL, UNIQUE (owner_id, payment_id)
);
CREATE TABLE IF NOT EXISTS refunds (
    reference TEXT PRIMARY KEY, owner_id INTEGER NOT NULL, payment_id INTEGER NOT NULL, charge TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL,
    moved_at REAL, UNIQUE (owner_id, payment_id)
);
CREATE INDEX IF NOT EXISTS refunds_of_charge ON refunds (charge);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (state, due_at);
CREATE TABLE IF NOT EXISTS disputes (
    reference TEXT PRIMARY KEY, charge TEXT NOT NULL UNIQUE, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    moved_at REAL NOT NULL, reversed_at REAL
);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS events_waiting ON events (sent, number);
"""

_BUSY_SECONDS = 5.0


def connect(path: str) -> sqlite3.Connection:
    """Returns a connection for use in one thread at a time. An empty path is a database in memory."""
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    if path:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_TABLES)
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Generator[None]:
    """Makes the block one transaction that excludes other writers, in this process and in others."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
