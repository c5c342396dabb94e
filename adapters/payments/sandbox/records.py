"""The SQLite database of the sandbox: its tables, its connection and its transactions."""

import secrets
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.payments.base import ForeignReference, PaymentKey, RequestRejected, WebhookEvent, WebhookKind
from adapters.payments.sandbox.events import write_event
from core.clock import Clock

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
CREATE TABLE IF NOT EXISTS returned_refunds (reference TEXT PRIMARY KEY, moved_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, body BLOB NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS events_due ON events (due_at);
"""

_BUSY_SECONDS = 5.0


class Records:
    """A connection to the database, for one thread at a time. A file may be open in several processes.

    If `event_delay` is set, changes write events, which are due after the seconds that it returns.
    """

    def __init__(self, path: str, clock: Clock, event_delay: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._event_delay = event_delay
        self._connection = _connect(path)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Generator[None]:
        """Makes the block one transaction that excludes other writers, in this process and in others."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self.settle_due()
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def settle_due(self) -> None:
        """Changes the records whose time has come."""

    def run(self, sql: str, *values: object) -> None:
        self._connection.execute(sql, values)

    def rows(self, sql: str, *values: object) -> Sequence[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        return self._connection.execute(sql, values).fetchone()

    def require(self, sql: str, *values: object) -> sqlite3.Row:
        row = self.one(sql, *values)
        if row is None:
            raise RequestRejected("no such record")
        return row

    def belonging(self, found: sqlite3.Row | None, table: str, given: str | None) -> sqlite3.Row | None:
        """Returns the charge or refund of a payment. Raises `ForeignReference` if a given reference names another."""
        other = found is not None and found["reference"] != given
        if given and (other or (found is None and self.one(f"SELECT 1 FROM {table} WHERE reference = ?", given))):  # noqa: S608 - a constant
            raise ForeignReference("the reference belongs to another payment")
        return found

    def now(self) -> float:
        return self._clock().timestamp()

    def tell(  # noqa: PLR0913, PLR0917 - the fields of the event
        self,
        kind: WebhookKind,
        payment: PaymentKey,
        charge: str,
        amount: int,
        currency: str,
        dispute: str | None = None,
    ) -> None:
        """Writes an event about what the transaction changes."""
        if self._event_delay is not None:
            body = write_event(WebhookEvent(reference("evt"), kind, payment, charge, amount, currency, dispute))
            self.run("INSERT INTO events (body, due_at) VALUES (?, ?)", body, self.now() + self._event_delay())


def reference(prefix: str) -> str:
    """Returns a new reference that cannot be guessed."""
    return f"{prefix}_{secrets.token_hex(12)}"


def key_of(row: sqlite3.Row) -> PaymentKey:
    """Returns the payment of a charge or a refund."""
    return PaymentKey(row["owner_id"], row["payment_id"])


def _connect(path: str) -> sqlite3.Connection:
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
