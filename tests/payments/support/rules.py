"""Statements that the database rejects, and books for them."""

from collections.abc import Mapping
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey
from services.resources import Resources
from tests.support.ledger import NOW, Books

ONE, TWO = 1, 2
TOP_UP, TRANSFER, PENDING, HELD = (PaymentKey(ONE, number) for number in (10, 11, 12, 13))
TABLES = ("wallets", "ledger_entries", "payments", "payment_parties")
LATEST = "9000000000000000000"

ONLY_LEDGER = "only the ledger changes a wallet"
NO_WALLET = "there is no wallet in the currency"
NOT_NEWEST = "an entry of the wallet is newer"
WRONG_BALANCE = "the balance after the entry is wrong"
SEALED = "the payment is sealed"
UNBALANCED = "do not sum to zero"
NEVER_CHANGED = "ledger entries are never changed"
NEVER_DELETED = "payments are never deleted"
MOVES = "what a payment moves never changes"
STATUS = "the payment cannot take this status"
UNDONE = "a refund is not undone"
AMOUNTS = "the status does not match the refunded amount"
SEALS = "a payment is sealed exactly when it is not pending"
CONFIRMED = "only a pending payment can be confirmed"
LINK = "a refund names the payment that it refunds"
CAUSE = "the cause of the payment is unknown"
NOT_REFUNDABLE = "the payment cannot be refunded"
EXCEEDED = "the refunds exceed the payment"
NO_CHARGEBACK = "the reversals exceed the chargebacks"
PARTIES = "the parties of a payment never change"
CHECK = "CHECK constraint failed|violates check constraint"


async def open_books(resources: Resources) -> Books:
    """Two wallets: a top-up of 500, a transfer of 300 of it, a pending top-up of 100, a refund of 50 to the card."""
    books = Books(resources)
    for owner_id in (ONE, TWO):
        await books.open_wallet(owner_id)
    await books.top_up(TOP_UP, 500)
    await books.transfer(TRANSFER, TWO, 300)
    await books.start_top_up(PENDING, 100)
    await books.start_refund(HELD, TOP_UP, 50)
    assert await books.balances(ONE, TWO) == [(150, 100), (300, 0)]
    return books


async def tables(resources: Resources) -> dict[str, Any]:
    return {table: await resources.database.fetch(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


async def rejected(resources: Resources, statements: Mapping[str, str]) -> None:
    """Asserts that the database rejects each statement with its message, and that nothing changes."""
    before = await tables(resources)
    for sql, message in statements.items():
        with pytest.raises(IntegrityError, match=message):
            await resources.database.fetch(sql, *([NOW] if "$1" in sql else []))
        assert await tables(resources) == before, sql


def entry(values: str) -> str:
    """Returns a statement that inserts an entry: owner, id, account, amount, currency, balance."""
    owner, entry_id, account, payment, amount, currency, balance = values.split()
    return (
        "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, "
        f"balance_after, created_at) VALUES ({owner}, {entry_id}, '{account}', 1, {payment}, {amount}, '{currency}', "
        f"{balance}, $1)"
    )


def payment(**columns: object) -> str:
    """Returns a statement that inserts a payment, by default a failed top-up."""
    values = {
        "owner_id": 1, "id": 99, "kind": "'TOP_UP'", "status": "'FAILED'", "amount": 5, "refunded_amount": 0,
        "currency": "'EUR'", "created_at": "$1", "updated_at": "$1", "sealed_at": "$1", **columns,
    }  # fmt: skip
    return f"INSERT INTO payments ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


def refund(amount: int, of: int = 10, **columns: object) -> str:
    pending = {"kind": "'REFUND'", "status": "'PENDING'", "sealed_at": "NULL", "refunds_owner_id": 1}
    return payment(**{**pending, "amount": amount, "refunds_id": of, **columns})
