from datetime import UTC, datetime

import pytest
from tortoise.exceptions import IntegrityError

from services.resources import Resources

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ENTRY = (
    "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, balance_after,"
    " created_at) VALUES (1, $1, $2, 1, 10, $3, $4, $5, $6)"
)
PAYMENT = (
    "INSERT INTO payments (owner_id, id, kind, status, amount, refunded_amount, currency, created_at, updated_at,"
    " sealed_at) VALUES (1, 10, 'TOP_UP', 'SUCCEEDED', 500, 0, 'EUR', $1, $1, $2)"
)
SEAL = "UPDATE payments SET sealed_at = $1 WHERE owner_id = 1 AND id = 10"


async def enter(resources: Resources, entry_id: int, account: str, amount: int, currency: str = "EUR") -> None:
    balance = amount if account == "WALLET" else None
    await resources.database.fetch(ENTRY, entry_id, account, amount, currency, balance, NOW)


async def test_a_payment_whose_entries_sum_to_zero_can_be_sealed_and_takes_no_more(resources: Resources) -> None:
    await resources.database.fetch(PAYMENT, NOW, None)
    await enter(resources, 1, "PROVIDER", -500)
    await enter(resources, 2, "WALLET", 500)
    await resources.database.fetch(SEAL, NOW)
    with pytest.raises(IntegrityError, match="the payment is sealed"):
        await enter(resources, 3, "WALLET", 1)
    with pytest.raises(IntegrityError, match="a sealed payment stays sealed"):
        await resources.database.fetch(SEAL, None)
    rows = await resources.database.fetch("SELECT id FROM ledger_entries WHERE payment_owner_id = 1 ORDER BY id")
    assert [row["id"] for row in rows] == [1, 2]


@pytest.mark.parametrize(
    "entries", [[("WALLET", 500, "EUR")], [("PROVIDER", -499, "EUR"), ("WALLET", 500, "EUR")],
                [("PROVIDER", -500, "USD"), ("WALLET", 500, "EUR")]],
)  # fmt: skip
async def test_a_payment_that_does_not_balance_cannot_be_sealed(
    resources: Resources, entries: list[tuple[str, int, str]]
) -> None:
    for number, entry in enumerate(entries):
        await enter(resources, number, *entry)
    with pytest.raises(IntegrityError, match="do not sum to zero"):
        await resources.database.fetch(PAYMENT, NOW, NOW)
    await resources.database.fetch(PAYMENT, NOW, None)
    with pytest.raises(IntegrityError, match="do not sum to zero"):
        await resources.database.fetch(SEAL, NOW)


@pytest.mark.parametrize("sql", ["UPDATE ledger_entries SET amount = 1", "DELETE FROM ledger_entries"])
async def test_entries_are_never_changed(resources: Resources, sql: str) -> None:
    before = await resources.database.fetch("SELECT * FROM ledger_entries ORDER BY owner_id, id")
    with pytest.raises(IntegrityError, match="never changed"):
        await resources.database.fetch(sql)
    assert await resources.database.fetch("SELECT * FROM ledger_entries ORDER BY owner_id, id") == before
