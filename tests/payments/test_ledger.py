"""The movements of the ledger, as the functions of `services/payments` write them."""

from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey
from services.payments.ledger import LedgerEntry, lock_wallets, open_wallet, post
from services.payments.records import find_by_reference, find_payment_row, seal, set_provider_reference
from services.resources import Resources
from tests.support.ledger import LATER, NOW, Books

ONE, TWO = 1, 2
TOP_UP, TRANSFER = PaymentKey(ONE, 10), PaymentKey(ONE, 11)


@pytest.fixture
async def books(resources: Resources) -> Books:
    """Two empty wallets."""
    books = Books(resources)
    for owner_id in (ONE, TWO):
        await books.open_wallet(owner_id)
    return books


async def state(resources: Resources, payment: PaymentKey) -> tuple[str, int]:
    found = await find_payment_row(resources.database, payment)
    assert found is not None
    return found.status, found.refunded_amount


async def entries(resources: Resources, payment: PaymentKey) -> list[tuple[Any, ...]]:
    rows = await resources.database.fetch(
        "SELECT owner_id, account, amount, balance_after FROM ledger_entries WHERE payment_owner_id = $1 "
        "AND payment_id = $2 ORDER BY owner_id, id",
        *payment,
    )
    return [tuple(row.values()) for row in rows]


async def test_a_top_up_is_pending_and_then_spendable(resources: Resources, books: Books) -> None:
    await books.start_top_up(TOP_UP, 500)
    assert await books.balances(ONE) == [(0, 500)]
    async with resources.database.transaction() as transaction:
        assert await set_provider_reference(transaction, TOP_UP, "ch_1", "https://confirm", "secret", NOW)
    pending = await find_payment_row(resources.database, TOP_UP)
    assert pending is not None
    assert (pending.status, pending.sealed_at, pending.action_url) == ("PENDING", None, "https://confirm")
    await books.end_top_up(TOP_UP, 500)
    assert await books.balances(ONE) == [(500, 0)]
    assert await find_payment_row(resources.database, TOP_UP) == pending._replace(
        status="SUCCEEDED", sealed_at=LATER, updated_at=LATER, action_url=None, action_secret=None
    )
    assert await entries(resources, TOP_UP) == [
        (ONE, "PROVIDER", -500, None),
        (ONE, "PENDING", 500, None),
        (ONE, "PENDING", -500, None),
        (ONE, "WALLET", 500, 500),
    ]
    assert await find_by_reference(resources.database, "sandbox", "ch_10") == TOP_UP


async def test_a_failed_top_up_leaves_nothing(resources: Resources, books: Books) -> None:
    await books.start_top_up(TOP_UP, 500)
    await books.end_top_up(TOP_UP, 500, succeeds=False)
    assert await books.balances(ONE) == [(0, 0)]
    assert await state(resources, TOP_UP) == ("FAILED", 0)


async def test_a_payment_is_sealed_once(resources: Resources, books: Books) -> None:
    await books.top_up(TOP_UP, 500)
    async with resources.database.transaction() as transaction:
        assert not await seal(transaction, TOP_UP, "FAILED", "DECLINED", LATER)
        assert not await set_provider_reference(transaction, TOP_UP, "ch_1", None, None, LATER)
    assert await state(resources, TOP_UP) == ("SUCCEEDED", 0)


async def test_a_transfer_moves_money_and_never_more_than_there_is(resources: Resources, books: Books) -> None:
    await books.top_up(TOP_UP, 500)
    await books.transfer(TRANSFER, TWO, 300)
    assert await books.balances(ONE, TWO) == [(200, 0), (300, 0)]
    with pytest.raises(IntegrityError):
        await books.transfer(PaymentKey(ONE, 12), TWO, 201)
    assert await books.balances(ONE, TWO) == [(200, 0), (300, 0)]
    assert await entries(resources, TRANSFER) == [(ONE, "WALLET", -300, 200), (TWO, "WALLET", 300, 300)]
    assert await entries(resources, PaymentKey(ONE, 12)) == []
    assert await find_payment_row(resources.database, PaymentKey(ONE, 12)) is None


async def test_refunds_of_a_transfer_add_up_to_its_amount(resources: Resources, books: Books) -> None:
    await books.top_up(TOP_UP, 500)
    await books.transfer(TRANSFER, TWO, 300)
    await books.refund_transfer(PaymentKey(TWO, 20), TRANSFER, 100)
    assert await state(resources, TRANSFER) == ("PARTIALLY_REFUNDED", 100)
    await books.refund_transfer(PaymentKey(TWO, 21), TRANSFER, 200)
    assert await state(resources, TRANSFER) == ("REFUNDED", 300)
    assert await books.balances(ONE, TWO) == [(500, 0), (0, 0)]


async def test_the_money_of_a_refund_to_a_card_is_held_until_the_refund_ends(
    resources: Resources, books: Books
) -> None:
    await books.top_up(TOP_UP, 500)
    refunds = (PaymentKey(ONE, 12), PaymentKey(ONE, 13))
    for refund in refunds:
        await books.start_refund(refund, TOP_UP, 200)
    assert await books.balances(ONE) == [(100, 0)]
    assert await state(resources, TOP_UP) == ("SUCCEEDED", 0)
    await books.end_refund(refunds[0], TOP_UP, 200)
    await books.end_refund(refunds[1], TOP_UP, 200, succeeds=False)
    assert await books.balances(ONE) == [(300, 0)]
    assert await state(resources, TOP_UP) == ("PARTIALLY_REFUNDED", 200)


async def test_a_chargeback_is_the_loss_of_the_platform(resources: Resources, books: Books) -> None:
    """The refunded amount is at most the amount, also if a refund and a chargeback are of the same money."""
    await books.top_up(TOP_UP, 500)
    await books.start_refund(PaymentKey(ONE, 12), TOP_UP, 100)
    await books.charge_back(PaymentKey(ONE, 13), TOP_UP, 500)
    await books.end_refund(PaymentKey(ONE, 12), TOP_UP, 100)
    await books.reverse_chargeback(PaymentKey(ONE, 14), TOP_UP, 500)
    assert await books.balances(ONE) == [(400, 0)]
    assert await state(resources, TOP_UP) == ("REFUNDED", 500)
    assert await entries(resources, PaymentKey(ONE, 13)) == [
        (ONE, "PLATFORM", -500, None),
        (ONE, "PROVIDER", 500, None),
    ]


async def test_an_owner_keeps_the_wallet_that_was_opened_first(resources: Resources, books: Books) -> None:
    async with resources.database.transaction() as transaction:
        await open_wallet(transaction, ONE, "USD", NOW)
        wallets = await lock_wallets(transaction, [TWO, ONE, 3, ONE])
    assert [(wallet.owner_id, wallet.currency) for wallet in wallets.values()] == [(ONE, "EUR"), (TWO, "EUR")]
    assert await books.balances(ONE, TWO, 3) == [(0, 0), (0, 0)]


async def test_entries_follow_the_newest_one_even_if_another_clock_is_ahead(resources: Resources, books: Books) -> None:
    await books.start_top_up(TOP_UP, 500)
    ahead = 2**62
    await resources.database.fetch(
        "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, "
        "balance_after, created_at) VALUES ($1, $2, 'PLATFORM', 1, 10, 1, 'EUR', NULL, $3)",
        ONE,
        ahead,
        NOW,
    )
    async with resources.database.transaction() as transaction:
        wallets = await lock_wallets(transaction, [ONE])
        made = (LedgerEntry(ONE, "PLATFORM", -1), LedgerEntry(ONE, "PENDING", -500), LedgerEntry(ONE, "WALLET", 400))
        await post(transaction, resources.ids, TOP_UP, "EUR", (*made, LedgerEntry(ONE, "WALLET", 100)), wallets, NOW)
    rows = await resources.database.fetch(
        "SELECT id, amount, balance_after FROM ledger_entries WHERE owner_id = 1 AND id > $1 ORDER BY id", ahead
    )
    assert [tuple(row.values()) for row in rows] == [
        (ahead + 1, -1, None),
        (ahead + 2, -500, None),
        (ahead + 3, 400, 400),
        (ahead + 4, 100, 500),
    ]
