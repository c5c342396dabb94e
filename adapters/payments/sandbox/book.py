"""The sandbox's records of cards, charges, refunds and disputes, in SQLite. All methods block."""

import secrets
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from adapters.payments.base import (
    Action,
    Card,
    CardRefused,
    ChargeState,
    InvalidToken,
    LineKind,
    PaymentKey,
    ProviderCharge,
    ProviderRefund,
    RefundState,
    RequestRejected,
    StatementLine,
)
from adapters.payments.sandbox.cards import BEHAVIOURS, REFUSED_TOKEN, Behaviour, seeded_card
from adapters.payments.sandbox.tables import connect, writing
from core.clock import Clock, system_clock

SLOW_REFUND_SECONDS = 1.0
"""Seconds until a refund to a card of `tok_slow_refund` succeeds."""

_OPEN = (ChargeState.REQUIRES_ACTION, ChargeState.PROCESSING)
_SETTLE_REFUNDS = "UPDATE refunds SET state = 'SUCCEEDED', moved_at = due_at WHERE state = 'PROCESSING' AND due_at <= ?"
_LINES = """
SELECT 'CHARGE' AS kind, reference, owner_id, payment_id, reference AS charge, amount, currency, moved_at FROM charges
UNION ALL SELECT 'REFUND', reference, owner_id, payment_id, charge, amount, currency, moved_at FROM refunds
UNION ALL SELECT 'CHARGEBACK', d.reference, c.owner_id, c.payment_id, d.charge, d.amount, d.currency, d.moved_at
    FROM disputes d JOIN charges c ON c.reference = d.charge
UNION ALL SELECT 'CHARGEBACK_REVERSED', d.reference, c.owner_id, c.payment_id, d.charge, d.amount, d.currency,
    d.reversed_at FROM disputes d JOIN charges c ON c.reference = d.charge
"""
_STATEMENT = (
    f"SELECT * FROM ({_LINES}) WHERE moved_at >= ? AND moved_at < ? ORDER BY moved_at, reference LIMIT ? OFFSET ?"  # noqa: S608 - constant text
)


class Book:
    """The records of the sandbox. Every method is one transaction; a file may be open in several processes."""

    def __init__(self, path: str = "", clock: Clock = system_clock) -> None:
        self._connection = connect(path)
        self._clock = clock

    def close(self) -> None:
        self._connection.close()

    def add_card(self, owner_id: int, token: str, key: str) -> Card:
        """Stores the card of a token. The same key with another token or owner is rejected."""
        if token == REFUSED_TOKEN:
            raise CardRefused
        if token not in BEHAVIOURS:
            raise InvalidToken
        with self._writing():
            found = self._one("SELECT * FROM cards WHERE key = ?", key)
            if found is not None and (found["owner_id"], found["token"]) != (owner_id, token):
                raise RequestRejected("the key was used for another card")
            reference: str = found["reference"] if found is not None else _reference("pm")
            if found is None:
                self._run(
                    "INSERT INTO cards (reference, key, owner_id, token) VALUES (?, ?, ?, ?)",
                    reference,
                    key,
                    owner_id,
                    token,
                )
        return BEHAVIOURS[token].card(reference)

    def remove_card(self, reference: str) -> None:
        with self._writing():
            self._run("UPDATE cards SET removed = 1 WHERE reference = ?", reference)

    def charge(self, payment: PaymentKey, method: str, amount: int, currency: str) -> ProviderCharge:
        """Charges a card, once per payment. The same payment with another request is rejected."""
        with self._writing():
            found = self._charge_of(payment)
            if found is not None:
                if (found["method"], found["amount"], found["currency"]) != (method, amount, currency):
                    raise RequestRejected("the key was used for another charge")
                return _charge(found)
            behaviour = self._behaviour(method)
            state = ChargeState.DECLINED if behaviour is None else behaviour.charges
            reference = _reference("ch")
            self._run(
                "INSERT INTO charges (reference, owner_id, payment_id, method, amount, currency, state, secret, "
                "moved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                reference, *payment, method, amount, currency, state, _reference("secret"),
                self._now() if state is ChargeState.SUCCEEDED else None,
            )  # fmt: skip
            return self._charge(reference)

    def find_charge(self, payment: PaymentKey) -> ProviderCharge | None:
        found = self._charge_of(payment)
        return None if found is None else _charge(found)

    def cancel_charge(self, reference: str) -> ProviderCharge:
        return self._finish(reference, ChargeState.CANCELLED)

    def confirm(self, reference: str) -> ProviderCharge:
        """Does what the owner of the card does in the extra step of a charge: the charge succeeds."""
        return self._finish(reference, ChargeState.SUCCEEDED)

    def reject(self, reference: str) -> ProviderCharge:
        """Makes the extra step of a charge fail: the charge is declined."""
        return self._finish(reference, ChargeState.DECLINED)

    def refund(self, payment: PaymentKey, charge: str, amount: int, currency: str) -> ProviderRefund:
        """Refunds a part of a charge, once per payment. The same payment with another request is rejected."""
        with self._writing():
            found = self._refund_of(payment)
            if found is not None:
                if (found["charge"], found["amount"], found["currency"]) != (charge, amount, currency):
                    raise RequestRejected("the key was used for another refund")
                return _refund(found)
            state = self._refund_state(charge, amount, currency)
            now, reference = self._now(), _reference("re")
            self._run(
                "INSERT INTO refunds (reference, owner_id, payment_id, charge, amount, currency, state, due_at, "
                "moved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                reference, *payment, charge, amount, currency, state, now + SLOW_REFUND_SECONDS,
                now if state is RefundState.SUCCEEDED else None,
            )  # fmt: skip
            return ProviderRefund(reference, state, amount, currency)

    def find_refund(self, payment: PaymentKey) -> ProviderRefund | None:
        with self._writing():
            found = self._refund_of(payment)
            return None if found is None else _refund(found)

    def dispute(self, charge: str) -> str:
        """Takes the money of a charge back, and returns the reference of the dispute."""
        with self._writing():
            row = self._one("SELECT * FROM charges WHERE reference = ? AND state = 'SUCCEEDED'", charge)
            if row is None:
                raise RequestRejected("no such charge")
            self._run(
                "INSERT INTO disputes (reference, charge, amount, currency, moved_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                _reference("dp"), charge, row["amount"], row["currency"], self._now(),
            )  # fmt: skip
            return self._require("SELECT reference FROM disputes WHERE charge = ?", charge)["reference"]

    def reverse_dispute(self, charge: str) -> str:
        """Gives the money of a disputed charge to us again, and returns the reference of the dispute."""
        with self._writing():
            self._run(
                "UPDATE disputes SET reversed_at = COALESCE(reversed_at, ?) WHERE charge = ?", self._now(), charge
            )
            return self._require("SELECT reference FROM disputes WHERE charge = ?", charge)["reference"]

    def statement(self, since: datetime, until: datetime, limit: int, offset: int) -> Sequence[StatementLine]:
        with self._writing():
            rows = self._connection.execute(
                _STATEMENT, (since.timestamp(), until.timestamp(), limit, offset)
            ).fetchall()
        return [_line(row) for row in rows]

    def _finish(self, reference: str, state: ChargeState) -> ProviderCharge:
        """Gives a charge that is not final its final state, and returns the charge as it is then."""
        with self._writing():
            self._run(
                "UPDATE charges SET state = ?, moved_at = ? WHERE reference = ? AND state IN (?, ?)",
                state, self._now() if state is ChargeState.SUCCEEDED else None, reference, *_OPEN,
            )  # fmt: skip
            return self._charge(reference)

    def _refund_state(self, charge: str, amount: int, currency: str) -> RefundState:
        """Returns the state that a new refund begins with."""
        row = self._one("SELECT * FROM charges WHERE reference = ? AND state = 'SUCCEEDED'", charge)
        if row is None or row["currency"] != currency or amount <= 0:
            return RefundState.FAILED
        refunded = self._require(
            "SELECT COALESCE(SUM(amount), 0) AS total FROM refunds WHERE charge = ? AND state <> 'FAILED'", charge
        )["total"]
        disputed = self._one("SELECT 1 FROM disputes WHERE charge = ? AND reversed_at IS NULL", charge)
        if disputed is not None or refunded + amount > row["amount"]:
            return RefundState.FAILED
        behaviour = self._behaviour(row["method"])
        return RefundState.SUCCEEDED if behaviour is None else behaviour.refunds

    def _behaviour(self, method: str) -> Behaviour | None:
        card = self._one("SELECT token FROM cards WHERE reference = ? AND removed = 0", method)
        return seeded_card(method) if card is None else BEHAVIOURS[card["token"]]

    def _charge_of(self, payment: PaymentKey) -> sqlite3.Row | None:
        return self._one("SELECT * FROM charges WHERE owner_id = ? AND payment_id = ?", *payment)

    def _refund_of(self, payment: PaymentKey) -> sqlite3.Row | None:
        return self._one("SELECT * FROM refunds WHERE owner_id = ? AND payment_id = ?", *payment)

    def _charge(self, reference: str) -> ProviderCharge:
        return _charge(self._require("SELECT * FROM charges WHERE reference = ?", reference))

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Makes the block one transaction, in which all refunds that are due have succeeded."""
        with writing(self._connection):
            self._run(_SETTLE_REFUNDS, self._now())
            yield

    def _run(self, sql: str, *values: object) -> None:
        self._connection.execute(sql, values)

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        return self._connection.execute(sql, values).fetchone()

    def _require(self, sql: str, *values: object) -> sqlite3.Row:
        row = self._one(sql, *values)
        if row is None:
            raise RequestRejected("no such record")
        return row

    def _now(self) -> float:
        return self._clock().timestamp()


def _reference(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def _charge(row: sqlite3.Row) -> ProviderCharge:
    state = ChargeState(row["state"])
    action = Action(None, row["secret"]) if state is ChargeState.REQUIRES_ACTION else None
    return ProviderCharge(row["reference"], state, row["amount"], row["currency"], action)


def _refund(row: sqlite3.Row) -> ProviderRefund:
    return ProviderRefund(row["reference"], RefundState(row["state"]), row["amount"], row["currency"])


def _line(row: sqlite3.Row) -> StatementLine:
    return StatementLine(
        LineKind(row["kind"]),
        row["reference"],
        PaymentKey(row["owner_id"], row["payment_id"]),
        row["charge"],
        row["amount"],
        row["currency"],
        datetime.fromtimestamp(row["moved_at"], UTC),
    )
