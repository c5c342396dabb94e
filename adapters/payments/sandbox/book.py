"""The refunds, disputes and the statement of the sandbox."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.payments.base import (
    LineKind,
    PaymentKey,
    ProviderRefund,
    RefundState,
    RequestRejected,
    StatementLine,
    WebhookKind,
)
from adapters.payments.sandbox.charges import Charges
from adapters.payments.sandbox.records import key_of, reference

SLOW_REFUND_SECONDS = 1.0
"""Seconds until a refund to a card of `tok_slow_refund` succeeds."""

_INSERT = (
    "INSERT INTO refunds (reference, owner_id, payment_id, charge, amount, currency, state, due_at, moved_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SETTLE = (
    "UPDATE refunds SET state = 'SUCCEEDED', moved_at = due_at WHERE state = 'PROCESSING' AND due_at <= ? RETURNING *"
)
_STATEMENT = """
SELECT * FROM (
    SELECT 'CHARGE' AS kind, reference, owner_id, payment_id, reference AS charge, amount, currency, moved_at
        FROM charges
    UNION ALL SELECT 'REFUND_RETURNED', r.reference, r.owner_id, r.payment_id, r.charge, r.amount, r.currency,
        b.moved_at FROM returned_refunds b JOIN refunds r ON r.reference = b.reference
    UNION ALL SELECT 'REFUND', reference, owner_id, payment_id, charge, amount, currency, moved_at FROM refunds
    UNION ALL SELECT 'CHARGEBACK', d.reference, c.owner_id, c.payment_id, d.charge, d.amount, d.currency, d.moved_at
        FROM disputes d JOIN charges c ON c.reference = d.charge
    UNION ALL SELECT 'CHARGEBACK_REVERSED', d.reference, c.owner_id, c.payment_id, d.charge, d.amount, d.currency,
        d.reversed_at FROM disputes d JOIN charges c ON c.reference = d.charge
) AS lines WHERE moved_at >= ? AND moved_at < ? ORDER BY moved_at, reference LIMIT ? OFFSET ?
"""


class Book(Charges):
    """All records of the sandbox. Every method is one transaction."""

    def refund(self, payment: PaymentKey, charge: str, amount: int, currency: str) -> ProviderRefund:
        """Refunds a part of a charge, once per payment. The same payment with another request is rejected."""
        with self.writing():
            found = self._refund_of(payment)
            if found is not None:
                if (found["charge"], found["amount"], found["currency"]) != (charge, amount, currency):
                    raise RequestRejected("the key was used for another refund")
                return _refund(found)
            state, now = self._refund_state(charge, amount, currency), self.now()
            moved_at = now if state is RefundState.SUCCEEDED else None
            refund, due_at = reference("re"), now + SLOW_REFUND_SECONDS
            self.run(_INSERT, refund, *payment, charge, amount, currency, state, due_at, moved_at)
            self.tell(WebhookKind.REFUND_CHANGED, payment, charge, amount, currency)
            return ProviderRefund(refund, state, amount, currency)

    def find_refund(self, payment: PaymentKey, given: str | None = None) -> ProviderRefund | None:
        """Returns the refund of a payment. Raises `ForeignReference` if a given reference names another refund."""
        with self.writing():
            found = self.belonging(self._refund_of(payment), "refunds", given)
            return None if found is None else _refund(found)

    def fail_refund(self, refund: str) -> ProviderRefund:
        """Makes a refund fail, as when the bank of the card returns it. Money that has left comes back, once."""
        with self.writing():
            row = self.require("SELECT * FROM refunds WHERE reference = ?", refund)
            if row["state"] != RefundState.FAILED:
                self.run("UPDATE refunds SET state = ? WHERE reference = ?", RefundState.FAILED, refund)
                if row["moved_at"] is not None:
                    self.run("INSERT INTO returned_refunds (reference, moved_at) VALUES (?, ?)", refund, self.now())
                self.tell(WebhookKind.REFUND_CHANGED, key_of(row), row["charge"], row["amount"], row["currency"])
            return _refund(row)._replace(state=RefundState.FAILED)

    def dispute(self, charge: str) -> str:
        """Takes the money of a charge back, once, and returns the reference of the dispute."""
        with self.writing():
            row = self.require("SELECT * FROM charges WHERE reference = ?", charge)
            if row["moved_at"] is None:
                raise RequestRejected("the charge has not succeeded")
            found = self.one("SELECT reference FROM disputes WHERE charge = ?", charge)
            if found is not None:
                return found["reference"]
            dispute = reference("dp")
            self.run(
                "INSERT INTO disputes (reference, charge, amount, currency, moved_at) VALUES (?, ?, ?, ?, ?)",
                dispute, charge, row["amount"], row["currency"], self.now(),
            )  # fmt: skip
            self.tell(WebhookKind.CHARGEBACK, key_of(row), charge, row["amount"], row["currency"], dispute)
            return dispute

    def reverse_dispute(self, charge: str) -> str:
        """Gives the money of a disputed charge to us again, once, and returns the reference of the dispute."""
        with self.writing():
            found = self.require("SELECT * FROM disputes WHERE charge = ?", charge)
            dispute: str = found["reference"]
            if found["reversed_at"] is None:
                row = self.require("SELECT * FROM charges WHERE reference = ?", charge)
                self.run("UPDATE disputes SET reversed_at = ? WHERE charge = ?", self.now(), charge)
                self.tell(WebhookKind.CHARGEBACK_REVERSED, key_of(row), charge, row["amount"], row["currency"], dispute)
            return dispute

    def statement(self, since: datetime, until: datetime, limit: int, offset: int) -> Sequence[StatementLine]:
        """Returns a page of the money that moved in an interval."""
        with self.writing():
            rows = self.rows(_STATEMENT, since.timestamp(), until.timestamp(), limit, offset)
        return [_line(row) for row in rows]

    def due_events(self, limit: int) -> list[tuple[int, bytes, int]]:
        """Returns events that have to be sent now: number, body, and attempts so far."""
        with self.writing():
            sql = "SELECT number, body, attempts FROM events WHERE due_at <= ? ORDER BY due_at LIMIT ?"
            return [(row["number"], row["body"], row["attempts"]) for row in self.rows(sql, self.now(), limit)]

    def settle_event(self, number: int, pause: float | None) -> None:
        """Removes an event, or postpones it by a pause in seconds."""
        with self.writing():
            if pause is None:
                self.run("DELETE FROM events WHERE number = ?", number)
            else:
                due_at = self.now() + pause
                self.run("UPDATE events SET attempts = attempts + 1, due_at = ? WHERE number = ?", due_at, number)

    def settle_due(self) -> None:
        for row in self.rows(_SETTLE, self.now()):
            self.tell(WebhookKind.REFUND_CHANGED, key_of(row), row["charge"], row["amount"], row["currency"])

    def _refund_state(self, charge: str, amount: int, currency: str) -> RefundState:
        """Returns the state that a new refund begins with."""
        row = self.one("SELECT * FROM charges WHERE reference = ? AND state = 'SUCCEEDED'", charge)
        if row is None or row["currency"] != currency or amount <= 0:
            return RefundState.FAILED
        refunded = self.require(
            "SELECT COALESCE(SUM(amount), 0) AS total FROM refunds WHERE charge = ? AND state <> 'FAILED'", charge
        )["total"]
        disputed = self.one("SELECT 1 FROM disputes WHERE charge = ? AND reversed_at IS NULL", charge)
        if disputed is not None or refunded + amount > row["amount"]:
            return RefundState.FAILED
        behaviour = self.behaviour(row["method"])
        return RefundState.SUCCEEDED if behaviour is None else behaviour.refunds

    def _refund_of(self, payment: PaymentKey) -> sqlite3.Row | None:
        return self.one("SELECT * FROM refunds WHERE owner_id = ? AND payment_id = ?", *payment)


def _refund(row: sqlite3.Row) -> ProviderRefund:
    return ProviderRefund(row["reference"], RefundState(row["state"]), row["amount"], row["currency"])


def _line(row: sqlite3.Row) -> StatementLine:
    at = datetime.fromtimestamp(row["moved_at"], UTC)
    kind = LineKind(row["kind"])
    dispute = row["reference"] if kind in {LineKind.CHARGEBACK, LineKind.CHARGEBACK_REVERSED} else None
    return StatementLine(
        kind, row["reference"], key_of(row), row["charge"], row["amount"], row["currency"], at, dispute
    )
