"""The transfers that `make bench-transfers` compares with ours execute the same statements."""

import pytest

from bench.transfers.statements import LOCK_USERS, LOCK_WALLETS, POST, READ_PAYMENT, STATEMENTS, kind_of, kinds_of
from tests.support.client import Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.payments import send


async def test_a_transfer_executes_the_hand_written_statements(
    client: Client, engine: Engine, statements: list[str]
) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("the hand-written statements are those of PostgreSQL")
    await send(client, "ana", "ben", 100)
    statements.clear()
    await send(client, "ana", "ben", 100)
    ours = [statement for statement in statements if "FROM handles" not in statement]  # those find the users
    assert [kind_of(statement) for statement in ours] == [kind_of(statement) for statement in STATEMENTS]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (LOCK_USERS, "FROM blocks, FROM turns, FROM users, FOR KEY SHARE"),
        (LOCK_WALLETS, "FROM wallets, FOR UPDATE"),
        (POST, "INSERT INTO ledger_entries, FROM ledger_entries"),
        (READ_PAYMENT, "FROM blocks, FROM payment_parties, FROM payments, FROM users"),
        ("BEGIN", ""),
    ],
)
def test_the_kind_of_a_statement_has_its_tables_and_locks(statement: str, kind: str) -> None:
    assert kind_of(statement) == kind
    assert kinds_of([statement]) == ([kind] if kind else [])
