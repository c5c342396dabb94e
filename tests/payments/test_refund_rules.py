"""The rules of refunds, and of statements at the same time: the database rejects them, and nothing changes."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey
from services.resources import Resources
from tests.payments.support.rules import (
    EXCEEDED,
    HELD,
    LATEST,
    NO_CHARGEBACK,
    NOT_REFUNDABLE,
    ONE,
    SEALED,
    TABLES,
    TOP_UP,
    TWO,
    entry,
    open_books,
    refund,
    rejected,
    tables,
)
from tests.support.ledger import NOW, Books


@pytest.fixture
async def books(resources: Resources) -> Books:
    """Two wallets: a top-up of 500, a transfer of 300 of it, a pending top-up of 100, a refund of 50 to the card."""
    return await open_books(resources)


async def test_refunds_never_exceed_the_payment(resources: Resources, books: Books) -> None:
    """A refund of 50 of the top-up is pending."""
    statements = {
        refund(451): EXCEEDED,
        refund(1, of=12): NOT_REFUNDABLE,
        refund(1, of=13): NOT_REFUNDABLE,
        refund(1, of=98): NOT_REFUNDABLE,
        refund(1, currency="'USD'"): NOT_REFUNDABLE,
        refund(1, of=11, cause="'CHARGEBACK'"): NOT_REFUNDABLE,
        refund(1, cause="'CHARGEBACK_REVERSED'"): NO_CHARGEBACK,
    }
    await rejected(resources, statements)
    await books.end_refund(HELD, TOP_UP, 50)
    await rejected(resources, {refund(451): EXCEEDED})
    await books.charge_back(PaymentKey(ONE, 14), TOP_UP, 200)
    await rejected(resources, {refund(251): EXCEEDED, refund(201, cause="'CHARGEBACK_REVERSED'"): NO_CHARGEBACK})
    await books.charge_back(PaymentKey(ONE, 15), TOP_UP, 250)
    await rejected(resources, {refund(1): f"{NOT_REFUNDABLE}|{EXCEEDED}"})
    await books.charge_back(PaymentKey(ONE, 16), TOP_UP, 100)
    await books.reverse_chargeback(PaymentKey(ONE, 17), TOP_UP, 550)
    assert await books.balances(ONE, TWO) == [(150, 100), (300, 0)]


async def test_a_failed_refund_makes_room_for_another_one(resources: Resources, books: Books) -> None:
    await books.end_refund(HELD, TOP_UP, 50, succeeds=False)
    await rejected(resources, {refund(501): EXCEEDED})
    await resources.database.fetch(refund(500), NOW)


@pytest.mark.usefixtures("books")
async def test_of_two_refunds_at_the_same_time_one_exceeds_the_payment(resources: Resources) -> None:
    """PostgreSQL locks the original; SQLite serializes its transactions."""

    async def insert(number: int) -> None:
        async with resources.database.transaction() as transaction:
            await transaction.fetch(refund(300, id=number), NOW)
            await asyncio.sleep(0.05)

    results = await asyncio.gather(*(insert(number) for number in (90, 91)), return_exceptions=True)
    assert [type(result) for result in results if result] == [IntegrityError]
    assert len(await resources.database.fetch("SELECT id FROM payments WHERE id IN (90, 91)")) == 1


@pytest.mark.usefixtures("books")
async def test_a_payment_that_is_being_sealed_takes_no_entry(resources: Resources) -> None:
    """An entry of another transaction waits until the payment is sealed, and is rejected."""
    sealed = asyncio.Event()

    async def seal() -> None:
        async with resources.database.transaction() as transaction:
            await transaction.fetch("UPDATE payments SET status = 'FAILED', sealed_at = $1 WHERE id = 13", NOW)
            sealed.set()
            await asyncio.sleep(0.1)

    sealing = asyncio.create_task(seal())
    await sealed.wait()
    with pytest.raises(IntegrityError, match=SEALED):
        await resources.database.fetch(entry(f"1 {LATEST} PLATFORM 13 1 EUR NULL"), NOW)
    await sealing


@pytest.mark.parametrize("table", TABLES)
async def test_tables_are_not_truncated(resources: Resources, table: str) -> None:
    if resources.settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has no TRUNCATE")
    before = await tables(resources)
    with pytest.raises(IntegrityError):
        await resources.database.fetch(f"TRUNCATE {table}")
    assert await tables(resources) == before
