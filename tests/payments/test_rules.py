"""The rules of wallets, entries and payments: the database rejects each of these statements, and nothing changes.

A statement may break two rules. Which message it gets then depends on the engine's order of triggers.
"""

import pytest
from tortoise.exceptions import IntegrityError

from services.resources import Resources
from tests.payments.support.rules import (
    AMOUNTS,
    CAUSE,
    CHECK,
    CONFIRMED,
    HELD,
    LATEST,
    LINK,
    MOVES,
    NEVER_CHANGED,
    NEVER_DELETED,
    NO_WALLET,
    NOT_NEWEST,
    NOT_REFUNDABLE,
    ONLY_LEDGER,
    PARTIES,
    SEALED,
    SEALS,
    STATUS,
    TOP_UP,
    UNBALANCED,
    UNDONE,
    WRONG_BALANCE,
    entry,
    open_books,
    payment,
    refund,
    rejected,
    tables,
)
from tests.support.ledger import NOW, Books


@pytest.fixture
async def books(resources: Resources) -> Books:
    """Two wallets: a top-up of 500, a transfer of 300 of it, a pending top-up of 100, a refund of 50 to the card."""
    return await open_books(resources)


@pytest.mark.usefixtures("books")
async def test_only_the_ledger_changes_wallets(resources: Resources) -> None:
    wallet = "INSERT INTO wallets (owner_id, id, currency, available, pending, created_at) VALUES"
    statements = {
        f"{wallet} (3, 3, 'EUR', 1, 0, $1)": ONLY_LEDGER,
        f"{wallet} (3, 3, 'EUR', 0, 1, $1)": ONLY_LEDGER,
        f"{wallet} (3, 3, 'EUR', -1, 0, $1)": f"{ONLY_LEDGER}|{CHECK}",
        "UPDATE wallets SET available = available + 1 WHERE owner_id = 1": ONLY_LEDGER,
        "UPDATE wallets SET available = 0": ONLY_LEDGER,
        "UPDATE wallets SET pending = 0 WHERE owner_id = 1": ONLY_LEDGER,
        "UPDATE wallets SET currency = 'USD' WHERE owner_id = 1": ONLY_LEDGER,
        "UPDATE wallets SET owner_id = 3 WHERE owner_id = 1": ONLY_LEDGER,
        "UPDATE wallets SET id = 3 WHERE owner_id = 1": ONLY_LEDGER,
        "DELETE FROM wallets WHERE owner_id = 2": ONLY_LEDGER,
    }
    await rejected(resources, statements)


@pytest.mark.usefixtures("books")
async def test_an_owner_has_one_wallet(resources: Resources) -> None:
    """SQLite ignores the second one: a trigger protects the first from INSERT OR REPLACE."""
    before = await tables(resources)
    wallet = "INTO wallets (owner_id, id, currency, available, pending, created_at) VALUES (1, 4, 'USD', 0, 0, $1)"
    if resources.settings.database_url.startswith("postgres"):
        with pytest.raises(IntegrityError, match="wallets_by_owner"):
            await resources.database.fetch(f"INSERT {wallet}", NOW)
    else:
        for insert in ("INSERT", "INSERT OR REPLACE"):
            await resources.database.fetch(f"{insert} {wallet}", NOW)
    assert await tables(resources) == before


@pytest.mark.usefixtures("books")
async def test_entries_fit_their_wallet_and_their_payment(resources: Resources) -> None:
    statements = {
        entry(f"1 {LATEST} WALLET 10 1 EUR 151"): SEALED,
        entry(f"1 {LATEST} WALLET 11 1 EUR 151"): SEALED,
        entry(f"1 {LATEST} WALLET 12 1 EUR 150"): WRONG_BALANCE,
        entry(f"1 {LATEST} WALLET 12 1 EUR 152"): WRONG_BALANCE,
        entry(f"1 {LATEST} WALLET 12 -151 EUR -1"): f"{WRONG_BALANCE}|{CHECK}",
        entry(f"1 {LATEST} WALLET 12 1 EUR NULL"): CHECK,
        entry(f"1 {LATEST} PENDING 12 1 EUR 1"): CHECK,
        entry(f"1 {LATEST} PENDING 12 -101 EUR NULL"): CHECK,
        entry(f"1 {LATEST} PENDING 12 0 EUR NULL"): CHECK,
        entry(f"1 {LATEST} WALLET 12 1 USD 151"): NO_WALLET,
        entry(f"1 {LATEST} PENDING 12 1 USD NULL"): NO_WALLET,
        entry(f"3 {LATEST} WALLET 12 1 EUR 1"): NO_WALLET,
        entry(f"3 {LATEST} PENDING 12 1 EUR NULL"): NO_WALLET,
        entry("1 1 WALLET 12 1 EUR 151"): NOT_NEWEST,
        entry(f"1 {LATEST} BANK 12 1 EUR NULL"): CHECK,
    }
    await rejected(resources, statements)


@pytest.mark.usefixtures("books")
async def test_entries_stay_as_they_are(resources: Resources) -> None:
    one = "WHERE owner_id = 1 AND account = 'PROVIDER'"
    statements = {
        f"UPDATE ledger_entries SET amount = amount + 1 {one}": NEVER_CHANGED,
        f"UPDATE ledger_entries SET payment_id = 12 {one}": NEVER_CHANGED,
        "UPDATE ledger_entries SET created_at = created_at": NEVER_CHANGED,
        f"DELETE FROM ledger_entries {one}": NEVER_CHANGED,
        "DELETE FROM ledger_entries": NEVER_CHANGED,
    }
    if resources.settings.database_url.startswith("sqlite"):
        again = "SELECT owner_id, id, account, 1, 12, amount + 1, currency, balance_after, created_at"
        statements[f"INSERT OR REPLACE INTO ledger_entries {again} FROM ledger_entries {one}"] = NEVER_CHANGED
    await rejected(resources, statements)


@pytest.mark.usefixtures("books")
async def test_statuses_take_only_the_transitions_of_the_table(resources: Resources) -> None:
    sealed, open_again = "sealed_at = updated_at", "sealed_at = NULL"
    of = "WHERE owner_id = 1 AND id ="
    statements = {
        f"UPDATE payments SET status = 'SUCCEEDED' {of} 12": SEALS,
        f"UPDATE payments SET {sealed} {of} 12": SEALS,
        f"UPDATE payments SET status = 'REFUNDED', refunded_amount = 100, {sealed} {of} 12": STATUS,
        f"UPDATE payments SET status = 'PARTIALLY_REFUNDED', refunded_amount = 1, {sealed} {of} 12": STATUS,
        f"UPDATE payments SET status = 'PENDING' {of} 10": f"{SEALS}|{STATUS}",
        f"UPDATE payments SET {open_again} {of} 10": f"{SEALS}|stays sealed",
        f"UPDATE payments SET status = 'PENDING', {open_again} {of} 10": f"{STATUS}|stays sealed",
        f"UPDATE payments SET status = 'FAILED' {of} 10": STATUS,
        f"UPDATE payments SET sealed_at = $1, status = status {of} 10": "a sealed payment stays sealed",
        f"UPDATE payments SET status = 'REFUNDED' {of} 10": AMOUNTS,
        f"UPDATE payments SET status = 'PARTIALLY_REFUNDED' {of} 10": AMOUNTS,
        f"UPDATE payments SET refunded_amount = 1 {of} 10": AMOUNTS,
        f"UPDATE payments SET refunded_amount = 501 {of} 10": f"{CHECK}|{AMOUNTS}",
        f"UPDATE payments SET refunded_amount = -1 {of} 10": f"{CHECK}|{AMOUNTS}|{UNDONE}",
        f"UPDATE payments SET status = 'LOST' {of} 10": f"{CHECK}|{AMOUNTS}|{STATUS}",
        f"UPDATE payments SET action_url = 'https://a' {of} 10": CONFIRMED,
        f"UPDATE payments SET action_secret = 's' {of} 10": CONFIRMED,
        f"UPDATE payments SET status = 'FAILED', {sealed}, action_url = 'https://a' {of} 12": CONFIRMED,
    }
    await rejected(resources, statements)


async def test_what_is_refunded_stays_refunded(resources: Resources, books: Books) -> None:
    await books.end_refund(HELD, TOP_UP, 50)
    of = "WHERE owner_id = 1 AND id = 10"
    await rejected(
        resources,
        {
            f"UPDATE payments SET status = 'SUCCEEDED', refunded_amount = 0 {of}": f"{STATUS}|{UNDONE}",
            f"UPDATE payments SET refunded_amount = 49 {of}": UNDONE,
            f"UPDATE payments SET status = 'FAILED', refunded_amount = 0 {of}": f"{STATUS}|{UNDONE}",
        },
    )


@pytest.mark.usefixtures("books")
async def test_a_payment_keeps_what_it_moves(resources: Resources) -> None:
    columns = {
        "owner_id": "3", "id": "98", "kind": "'TRANSFER'", "amount": "501", "currency": "'USD'",
        "created_at": "'2020-01-01 00:00:00+00:00'",
    }  # fmt: skip
    statements = {
        f"UPDATE payments SET {column} = {value} WHERE owner_id = 1 AND id = 10": f"{MOVES}|{UNBALANCED}"
        for column, value in columns.items()
    } | {
        "UPDATE payments SET refunds_id = 11 WHERE owner_id = 1 AND id = 13": MOVES,
        "UPDATE payments SET refunds_owner_id = 2 WHERE owner_id = 1 AND id = 13": MOVES,
        "UPDATE payments SET cause = 'CHARGEBACK' WHERE owner_id = 1 AND id = 13": MOVES,
        "DELETE FROM payments WHERE owner_id = 1 AND id = 12": NEVER_DELETED,
        "DELETE FROM payments": NEVER_DELETED,
        "DELETE FROM payment_parties WHERE owner_id = 1": PARTIES,
        "UPDATE payment_parties SET direction = 'IN' WHERE owner_id = 1 AND payment_id = 11": PARTIES,
    }
    if resources.settings.database_url.startswith("sqlite"):
        statements[payment(id=10).replace("INSERT", "INSERT OR REPLACE")] = NEVER_DELETED
        party = "INSERT OR REPLACE INTO payment_parties VALUES (1, 11, 1, 'IN', NULL)"
        statements[party] = PARTIES
    await rejected(resources, statements)
    allowed = "UPDATE payments SET note = 'n', provider_reference = 'r' WHERE owner_id = 1 AND id = 10 RETURNING note"
    assert await resources.database.fetch(allowed) == [{"note": "n"}]


@pytest.mark.usefixtures("books")
async def test_new_payments_are_balanced_and_not_refunded(resources: Resources) -> None:
    sealed = "status = 'SUCCEEDED', sealed_at = updated_at"
    statements = {
        payment(status="'PENDING'"): SEALS,
        payment(status="'SUCCEEDED'", sealed_at="NULL"): SEALS,
        payment(status="'REFUNDED'", refunded_amount=5): "a new payment is not refunded",
        payment(status="'PARTIALLY_REFUNDED'", refunded_amount=1): "a new payment is not refunded",
        payment(amount=0): CHECK,
        payment(kind="'GIFT'"): CHECK,
        payment(id=10): f"{NEVER_DELETED}|payments_pkey",
        payment(kind="'REFUND'"): f"{LINK}|{NOT_REFUNDABLE}",
        payment(refunds_owner_id=1, refunds_id=10): LINK,
        payment(refunds_owner_id=1): LINK,
        payment(cause="'CHARGEBACK'"): CAUSE,
        refund(1, cause="'GIFT'"): CAUSE,
        refund(1, refunds_owner_id="NULL"): f"{LINK}|{NOT_REFUNDABLE}",
    }
    await rejected(resources, statements)
    await resources.database.fetch(entry(f"1 {LATEST} PENDING 12 1 EUR NULL"), NOW)
    await rejected(resources, {f"UPDATE payments SET {sealed} WHERE owner_id = 1 AND id = 12": UNBALANCED})
