"""The movements of the ledger, as the functions of `services/payments` write them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from adapters.database import Queries
from services.payments.ledger import Entry, lock_wallets, open_wallet, post
from services.payments.records import (
    NewPayment,
    Party,
    PaymentKey,
    add_refunded,
    find_payment_row,
    insert_parties,
    insert_payment,
    lock_payment,
    name_at_provider,
    seal,
)
from services.resources import Resources

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, tzinfo=UTC)
ONE, TWO = 1, 2
"""Owners without wallets in the seeded world."""


async def move(resources: Resources, transaction: Queries, payment: PaymentKey, *entries: Entry) -> None:
    wallets = await lock_wallets(transaction, [entry.owner_id for entry in entries])
    await post(transaction, resources.ids, payment, "EUR", entries, wallets, NOW)


async def top_up(resources: Resources, owner_id: int, payment_id: int, amount: int) -> PaymentKey:
    payment = PaymentKey(owner_id, payment_id)
    async with resources.database.transaction() as transaction:
        await open_wallet(transaction, owner_id, "EUR", NOW)
        await insert_payment(transaction, NewPayment(*payment, "TOP_UP", "PENDING", amount, "EUR"), NOW)
        await insert_parties(transaction, payment, [Party(owner_id, "IN", None)])
        entries = (Entry(owner_id, "PENDING", amount), Entry(owner_id, "PROVIDER", -amount))
        await move(resources, transaction, payment, *entries)
    return payment


async def settle(resources: Resources, payment: PaymentKey, amount: int) -> None:
    owner_id = payment.owner_id
    async with resources.database.transaction() as transaction:
        await move(
            resources, transaction, payment, Entry(owner_id, "PENDING", -amount), Entry(owner_id, "WALLET", amount)
        )
        assert await seal(transaction, payment, "SUCCEEDED", None, LATER)
        assert not await seal(transaction, payment, "FAILED", "DECLINED", LATER)


async def transfer(resources: Resources, payment: PaymentKey, recipient: int, amount: int) -> None:
    sender = payment.owner_id
    async with resources.database.transaction() as transaction:
        await open_wallet(transaction, recipient, "EUR", NOW)
        await move(
            resources, transaction, payment, Entry(sender, "WALLET", -amount), Entry(recipient, "WALLET", amount)
        )
        await insert_payment(transaction, NewPayment(*payment, "TRANSFER", "SUCCEEDED", amount, "EUR"), NOW)
        parties = [Party(sender, "OUT", recipient), Party(recipient, "IN", sender)]
        await insert_parties(transaction, payment, parties)


async def balances(resources: Resources) -> list[tuple[int, ...]]:
    rows: list[dict[str, Any]] = await resources.database.fetch(
        "SELECT owner_id, available, pending FROM wallets WHERE owner_id < 10 ORDER BY owner_id"
    )
    return [tuple(row.values()) for row in rows]


async def test_a_top_up_is_pending_and_then_spendable(resources: Resources) -> None:
    payment = await top_up(resources, ONE, 10, 500)
    assert await balances(resources) == [(ONE, 0, 500)]
    async with resources.database.transaction() as transaction:
        assert await name_at_provider(transaction, payment, "ch_1", "https://confirm", "secret", NOW)
    pending = await find_payment_row(resources.database, payment)
    assert pending is not None
    assert (pending.status, pending.sealed_at, pending.action_url) == ("PENDING", None, "https://confirm")
    await settle(resources, payment, 500)
    assert await balances(resources) == [(ONE, 500, 0)]
    assert await find_payment_row(resources.database, payment) == pending._replace(
        status="SUCCEEDED", sealed_at=LATER, updated_at=LATER, action_url=None, action_secret=None
    )


async def test_a_transfer_moves_money_and_an_entry_never_makes_a_balance_negative(resources: Resources) -> None:
    await settle(resources, await top_up(resources, ONE, 10, 500), 500)
    await transfer(resources, PaymentKey(ONE, 11), TWO, 300)
    assert await balances(resources) == [(ONE, 200, 0), (TWO, 300, 0)]
    with pytest.raises(IntegrityError):
        await transfer(resources, PaymentKey(ONE, 12), TWO, 201)
    assert await balances(resources) == [(ONE, 200, 0), (TWO, 300, 0)]
    assert await find_payment_row(resources.database, PaymentKey(ONE, 12)) is None


async def test_refunds_of_a_transfer_add_up_to_its_amount(resources: Resources) -> None:
    original = PaymentKey(ONE, 11)
    await settle(resources, await top_up(resources, ONE, 10, 500), 500)
    await transfer(resources, original, TWO, 300)
    for number, (amount, refunded, status) in enumerate(((100, 100, "PARTIALLY_REFUNDED"), (200, 300, "REFUNDED"))):
        payment = PaymentKey(TWO, 20 + number)
        async with resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            await move(resources, transaction, payment, Entry(TWO, "WALLET", -amount), Entry(ONE, "WALLET", amount))
            refund = NewPayment(*payment, "REFUND", "SUCCEEDED", amount, "EUR", refunds=original)
            await insert_payment(transaction, refund, NOW)
            assert await add_refunded(transaction, original, amount, LATER) == refunded
        found = await find_payment_row(resources.database, original)
        assert found is not None
        assert (found.status, found.refunded_amount) == (status, refunded)
    assert await balances(resources) == [(ONE, 500, 0), (TWO, 0, 0)]


async def test_entries_follow_the_newest_of_their_wallet_even_if_another_clock_is_ahead(resources: Resources) -> None:
    payment = await top_up(resources, ONE, 10, 500)
    ahead = 2**62
    await resources.database.fetch(
        "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, "
        "balance_after, created_at) VALUES ($1, $2, 'PENDING', 1, 10, 1, 'EUR', NULL, $3)",
        ONE,
        ahead,
        NOW,
    )
    async with resources.database.transaction() as transaction:
        await move(resources, transaction, payment, Entry(ONE, "PENDING", -1), Entry(ONE, "WALLET", 500))
    rows = await resources.database.fetch(
        "SELECT id, amount, balance_after FROM ledger_entries WHERE owner_id = 1 ORDER BY id DESC LIMIT 2"
    )
    assert [tuple(row.values()) for row in rows] == [(ahead + 2, 500, 500), (ahead + 1, -1, None)]
