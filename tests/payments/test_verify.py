"""`bff payments verify` names each row that breaks a rule of the ledger."""

import pytest

from adapters.payments import PaymentKey
from cli.payments import verify
from services.payments.verification import LedgerVerification, entries, links, payments
from services.resources import Resources
from tests.payments.support.faults import CASES, OF_ONE
from tests.support.commands import call_bff
from tests.support.ledger import NOW, Books, drop_rules

ONE, TWO = 1, 2
TOP_UP, TRANSFER, PENDING, HELD, TAKEN, RETURNED, FAILED = (
    PaymentKey(ONE, number) for number in (10, 11, 12, 13, 15, 16, 17)
)
BACK = PaymentKey(TWO, 14)


@pytest.fixture
async def books(resources: Resources) -> Books:
    """Every kind of movement, and no triggers that would reject a change of it."""
    books = Books(resources)
    for owner_id in (ONE, TWO):
        await books.open_wallet(owner_id)
    await books.top_up(TOP_UP, 500)
    await books.transfer(TRANSFER, TWO, 300)
    await books.start_top_up(PENDING, 100)
    await books.start_refund(HELD, TOP_UP, 50)
    await books.refund_transfer(BACK, TRANSFER, 120)
    await books.charge_back(TAKEN, TOP_UP, 200)
    await books.reverse_chargeback(RETURNED, TOP_UP, 150)
    await books.start_top_up(FAILED, 70)
    await books.end_top_up(FAILED, 70, succeeds=False)
    assert await found(resources) == []
    await drop_rules(resources)
    return books


async def found(resources: Resources) -> list[str]:
    return [f"{fault.where}  {fault.fault}" async for fault in LedgerVerification(resources.database).faults()]


async def ids_of(resources: Resources, payment: PaymentKey, account: str = "WALLET") -> list[int]:
    rows = await resources.database.fetch(
        "SELECT id FROM ledger_entries WHERE payment_owner_id = $1 AND payment_id = $2 AND account = $3 "
        "ORDER BY owner_id, id",
        *payment,
        account,
    )
    return [row["id"] for row in rows]


async def change(resources: Resources, *statements: str) -> None:
    for sql in statements:
        await resources.database.fetch(sql, *([NOW] if "$1" in sql else []))


@pytest.mark.parametrize("page", [1, 2, 500])
@pytest.mark.usefixtures("books")
async def test_books_that_add_up_have_no_faults(
    resources: Resources, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the seeded world the pages are larger, since it has thousands of rows."""
    for module in (entries, links, payments):
        monkeypatch.setattr(module, "PAGE", page if page > 100 else page * 97)
    verification = LedgerVerification(resources.database)
    assert [fault async for fault in verification.faults()] == []
    counts = {"payments": verification.payments, "entries": verification.entries, "wallets": verification.wallets}
    for table, count in (("payments", "payments"), ("ledger_entries", "entries"), ("wallets", "wallets")):
        (row,) = await resources.database.fetch(f"SELECT COUNT(*) AS number FROM {table}")
        assert counts[count] == row["number"] > 0


@pytest.mark.usefixtures("books")
async def test_a_changed_balance_is_named(resources: Resources) -> None:
    await change(resources, "UPDATE wallets SET available = available + 1, pending = 0 WHERE owner_id = 1")
    available = "271 is available, and its entries sum to 270"
    assert await found(resources) == [
        f"wallet of owner 1  {available}; 0 is pending, and its entries sum to 100",
    ]


@pytest.mark.usefixtures("books")
async def test_a_balance_without_entries_is_named(resources: Resources) -> None:
    await change(resources, "INSERT INTO wallets VALUES (3, 3, 'EUR', 5, 0, $1)")
    assert await found(resources) == ["wallet of owner 3  5 is available, and its entries sum to 0"]


@pytest.mark.usefixtures("books")
async def test_an_entry_with_a_wrong_balance_is_named_once(resources: Resources) -> None:
    (entry_id, _) = await ids_of(resources, TRANSFER)
    await change(resources, f"UPDATE ledger_entries SET balance_after = 201 WHERE {OF_ONE} {entry_id}")
    assert await found(resources) == [f"entry {entry_id} of owner 1  the balance after it is 201, not 200"]


@pytest.mark.usefixtures("books")
async def test_a_changed_amount_is_named_at_payment_entry_and_wallet(resources: Resources) -> None:
    (entry_id, _) = await ids_of(resources, TRANSFER)
    await change(resources, f"UPDATE ledger_entries SET amount = -299 WHERE {OF_ONE} {entry_id}")
    assert await found(resources) == [
        "payment 11 of owner 1  its entries sum to 1 EUR, not to zero",
        f"entry {entry_id} of owner 1  the balance after it is 200, not 201",
        "wallet of owner 1  270 is available, and its entries sum to 271",
    ]


@pytest.mark.usefixtures("books")
async def test_a_missing_entry_is_named_at_payment_next_entry_and_wallet(resources: Resources) -> None:
    (entry_id, _) = await ids_of(resources, TRANSFER)
    (next_id,) = await ids_of(resources, HELD)
    await change(resources, f"DELETE FROM ledger_entries WHERE {OF_ONE} {entry_id}")
    assert await found(resources) == [
        "payment 11 of owner 1  its entries sum to 300 EUR, not to zero",
        f"entry {next_id} of owner 1  the balance after it is 150, not 450",
        "wallet of owner 1  270 is available, and its entries sum to 570",
    ]


@pytest.mark.usefixtures("books")
async def test_entries_below_zero_are_named(resources: Resources) -> None:
    """A transfer of more than there is, which a later one returns."""
    entry = "INSERT INTO ledger_entries VALUES"
    last = 2**62
    await change(
        resources,
        f"{entry} (1, {last}, 'WALLET', 1, 30, -271, 'EUR', -1, $1)",
        f"{entry} (2, {last}, 'WALLET', 1, 30, 271, 'EUR', 451, $1)",
        f"{entry} (2, {last + 1}, 'WALLET', 2, 31, -271, 'EUR', 180, $1)",
        f"{entry} (1, {last + 1}, 'WALLET', 2, 31, 271, 'EUR', 270, $1)",
        *(
            "INSERT INTO payments (owner_id, id, kind, status, amount, refunded_amount, currency, created_at, "
            f"updated_at, sealed_at) VALUES ({key}, 'TRANSFER', 'SUCCEEDED', 271, 0, 'EUR', $1, $1, $1)"
            for key in ("1, 30", "2, 31")
        ),
        *(
            f"INSERT INTO payment_parties VALUES ({party})"
            for party in ("1, 30, 1, 'OUT', 2", "2, 30, 1, 'IN', 1", "2, 31, 2, 'OUT', 1", "1, 31, 2, 'IN', 2")
        ),
    )
    assert await found(resources) == [f"entry {last} of owner 1  the balance after it is -1, below zero"]


@pytest.mark.usefixtures("books")
async def test_entries_in_another_currency_and_of_no_payment_and_wallet_are_named(resources: Resources) -> None:
    (of_provider, *_) = await ids_of(resources, PENDING, "PROVIDER")
    (of_pending, *_) = await ids_of(resources, PENDING, "PENDING")
    await change(
        resources,
        f"UPDATE ledger_entries SET currency = 'USD' WHERE {OF_ONE} {of_provider}",
        f"UPDATE ledger_entries SET currency = 'USD' WHERE {OF_ONE} {of_pending}",
        "INSERT INTO ledger_entries VALUES (3, 1, 'PENDING', 3, 99, 5, 'EUR', NULL, $1)",
    )
    assert await found(resources) == [
        "payment 12 of owner 1  it is in EUR, and has entries in USD",
        f"entry {of_pending} of owner 1  it is in USD, and the wallet is in EUR",
        "entry 1 of owner 3  its payment does not exist",
        "entry 1 of owner 3  its owner has no wallet",
    ]


@pytest.mark.parametrize(("statement", "named"), CASES)
@pytest.mark.usefixtures("books")
async def test_each_broken_rule_is_named(resources: Resources, statement: str, named: list[str]) -> None:
    provider, provider2 = await ids_of(resources, FAILED, "PROVIDER")
    pending, pending2 = await ids_of(resources, FAILED, "PENDING")
    ids = {"pending": pending, "provider": provider, "pending2": pending2, "provider2": provider2}
    await change(resources, statement)
    assert sorted(await found(resources)) == sorted(line.format(**ids) for line in named)


@pytest.mark.usefixtures("books")
async def test_a_refund_by_another_user_is_named(resources: Resources) -> None:
    await change(resources, "UPDATE payment_parties SET counterparty_id = 3 WHERE owner_id = 1 AND payment_id = 11")
    assert await found(resources) == [
        "payment 11 of owner 1  its party 1 is missing or wrong",
        "payment 14 of owner 2  its owner did not receive the money that it refunds",
    ]


@pytest.mark.usefixtures("books")
async def test_the_command_prints_the_faults_and_fails(
    resources: Resources, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify(resources.settings) == 0
    (clean,) = capsys.readouterr().out.splitlines()
    assert clean.startswith("verified ")
    assert clean.endswith(" wallets: no faults")
    await change(resources, f"UPDATE payments SET note = 'A secret', sealed_at = $1 WHERE {OF_ONE} 12")
    done = call_bff("payments", "verify", BFF_DATABASE_URL=resources.settings.database_url)
    first, last = done.stdout.splitlines()
    assert first == "payment 12 of owner 1  it is PENDING, and sealed"
    assert last.endswith(" wallets: 1 fault")
    assert done.returncode == 1
    assert done.stderr == (
        "bff: faults in the ledger: 1; stop payments, keep a copy of the database, and find out why\n"
    )


async def test_an_entry_that_is_committed_behind_a_page_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of another account may be committed before one of the wallet with a lower id."""
    await drop_rules(resources)
    last = 2**62
    entry = "INSERT INTO ledger_entries VALUES (-1, {0}, '{1}', -1, 1, {2}, 'EUR', {3}, $1)"
    await change(
        resources,
        "INSERT INTO wallets VALUES (-1, -1, 'EUR', 9, 0, $1)",
        entry.format(last + 2, "PLATFORM", -9, "NULL"),
        entry.format(last + 3, "WALLET", 4, 9),
    )
    monkeypatch.setattr(entries, "PAGE", 1)
    reading = entries.Entries(resources.database).faults()
    assert await anext(reading) == (f"entry {last + 2} of owner -1", "its payment does not exist")
    await change(resources, entry.format(last + 1, "WALLET", 5, 5))
    assert await anext(reading) == (f"entry {last + 3} of owner -1", "its payment does not exist")
    monkeypatch.setattr(entries, "PAGE", 500)
    assert [fault async for fault in reading] == []
