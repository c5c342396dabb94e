"""The auditors of the campaign report each planted fault."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.payments.support.audits import AUDITS
from tests.payments.support.book import Row
from tests.payments.support.example_bank import TOP_UP, TRANSFER, Bank
from tests.payments.support.snapshots import Rows, snapshots_of
from tests.payments.support.watchers import Auditor, Screens

COLUMNS = {
    "wallets": "owner_id, currency, available, pending",
    "ledger_entries": "owner_id, id, account, payment_owner_id, payment_id, amount, currency, balance_after",
    "payments": "owner_id, id, kind, status, amount, refunded_amount, currency, sealed_at, refunds_owner_id, "
    "refunds_id, cause",
    "open_payments": "owner_id, payment_id",
    "streams": "owner_id, id",
    "stream_entries": "owner_id, stream_id, place, kind, subject_owner_id, subject_id",
}
"""The tables that auditors read, without triggers, so that faults can be planted."""


def insert(connection: sqlite3.Connection, table: str, rows: Rows) -> None:
    for row in rows:
        names = list(row)
        marks = ", ".join("?" * len(names))
        connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [row[name] for name in names])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Creates a file with a correct bank."""
    bank, file = Bank(), tmp_path / "bank.sqlite3"
    connection = sqlite3.connect(file)
    for table, columns in COLUMNS.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
    insert(connection, "wallets", bank.wallets)
    insert(connection, "ledger_entries", bank.entries)
    insert(connection, "payments", list(bank.payments.values()))
    insert(connection, "streams", [{"owner_id": 1, "id": 1}])
    insert(
        connection,
        "stream_entries",
        [
            {"owner_id": 1, "stream_id": 1, "place": place, "kind": "PAYMENT_CHANGED"}
            | {"subject_owner_id": key.owner_id, "subject_id": key.id}
            for place, key in enumerate((TOP_UP, TRANSFER, TRANSFER), 1)
        ],
    )
    connection.commit()
    connection.close()
    return file


def plant(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


async def test_a_correct_bank_has_no_fault_and_its_changes_are_followed(path: Path) -> None:
    auditor = Auditor(snapshots_of(f"sqlite://{path}"))
    await auditor.read()
    await auditor.read()
    assert (auditor.faults, auditor.reads) == ([], 2)
    assert auditor.streamed == {(1, TOP_UP): 1, (1, TRANSFER): 2}


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("DELETE FROM ledger_entries WHERE account = 'WALLET' AND id = 5", {0, 1, 2}),
        ("UPDATE wallets SET available = available + 1 WHERE owner_id = 2", {2, 5}),
        ("UPDATE wallets SET pending = 1 WHERE owner_id = 2", {2}),
        ("DELETE FROM wallets WHERE owner_id = 2", {3}),
        ("UPDATE ledger_entries SET balance_after = -1 WHERE id = 6", {4, 5}),
        ("UPDATE payments SET status = 'PENDING' WHERE status = 'FAILED'", {6}),
        ("INSERT INTO open_payments VALUES (1, 10)", {6}),
        ("UPDATE payments SET refunded_amount = 0 WHERE kind = 'TRANSFER'", {7}),
    ],
)
async def test_an_audit_reports_a_planted_fault(path: Path, sql: str, kinds: set[int]) -> None:
    plant(path, sql)
    auditor = Auditor(snapshots_of(f"sqlite://{path}"))
    await auditor.read()
    assert {fault.split(": ")[0] for fault in auditor.faults} == {list(AUDITS)[number] for number in kinds}


async def test_a_gap_in_a_stream_is_a_fault(path: Path) -> None:
    plant(path, "DELETE FROM stream_entries WHERE place = 2")
    auditor = Auditor(snapshots_of(f"sqlite://{path}"))
    await auditor.read()
    assert auditor.faults == ["the stream of 1 continues at 3 after 1"]
    assert auditor.streamed == {(1, TOP_UP): 1, (1, Row(1, 11)): 1}


async def test_a_stream_that_begins_later_is_followed_from_its_first_entry(path: Path) -> None:
    auditor = Auditor(snapshots_of(f"sqlite://{path}"))
    await auditor.read()
    plant(path, "INSERT INTO streams VALUES (2, 2)")
    plant(path, "INSERT INTO stream_entries VALUES (2, 2, 1, 'PAYMENT_CHANGED', 1, 11)")
    await auditor.read()
    assert auditor.faults == []
    assert auditor.streamed == {(1, TOP_UP): 1, (1, TRANSFER): 2, (2, TRANSFER): 1}


def viewer(available: int, *entries: tuple[str, int, int]) -> dict[str, Any]:
    def money(amount: int) -> dict[str, str]:
        return {"minorUnits": str(amount)}

    edges = [{"node": {"id": name, "amount": money(a), "balanceAfter": money(b)}} for name, a, b in entries]
    return {"id": "ana", "wallet": {"available": money(available), "pending": money(0), "entries": {"edges": edges}}}


OLD, NEW, NEWER = ("old", 10, 10), ("new", 5, 15), ("newer", -2, 13)


@pytest.mark.parametrize(
    ("screens", "faults", "overtaken"),
    [
        ([viewer(10, OLD), viewer(15, NEW, OLD)], 0, 0),
        ([viewer(10, OLD), viewer(10, NEW, OLD)], 0, 1),
        ([viewer(15, NEW, OLD), viewer(10, NEW, OLD)], 1, 0),
        ([viewer(15, OLD)], 1, 0),
        ([viewer(13, NEWER, OLD)], 1, 0),
        ([viewer(-1, ("old", -1, -1))], 1, 0),
        ([viewer(5)], 1, 0),
        ([viewer(0)], 0, 0),
        ([viewer(0, OLD)], 0, 1),
        ([viewer(10, OLD), viewer(0, OLD)], 1, 0),
    ],
)
def test_a_screen_shows_the_balance_of_an_entry_not_older_than_before(
    screens: list[dict[str, Any]], faults: int, overtaken: int
) -> None:
    checked = Screens([])
    for screen in screens:
        checked.check(screen)
    assert (len(checked.faults), checked.overtaken) == (faults, overtaken)


def test_a_screen_that_nothing_overtakes_shows_the_balance_of_the_newest_entry() -> None:
    checked = Screens([])
    checked.check(viewer(10, NEW, OLD), is_quiet=True)
    assert len(checked.faults) == 1
