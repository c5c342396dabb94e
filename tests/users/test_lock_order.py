"""Transactions lock what an account owns in one order, so they never wait for each other in a circle."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations_with_replacement, product
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from graphql import build_schema
from httpx2 import AsyncClient

from core.settings import Settings
from core.settings.keys import DEV_SECRET_KEYS
from services.maintenance.key_rotation import rotate_keys
from services.resources import Resources, open_resources
from services.users.lock_order import LOCK_ORDER
from tests.campaign.support.roles import Role, running
from tests.support.app import FIELDS
from tests.support.client import Client
from tests.support.engines import PostgresEngine, reachable_postgres
from tests.support.jobs import enqueued, run_due
from tests.support.payment_storm import PAYMENT_ACTIONS, make_payer
from tests.support.programs import free_port, until_ready
from tests.support.storm import ACTIONS, Person, Sent, make_person, send
from workers.handlers import HANDLERS

COPIES = 2
"""Requests of each kind that two processes get at the same time."""
AT_ONCE = 6
PATIENT = {
    "BFF_DATABASE_DEADLINE": "60",
    "BFF_FEATURE_DEADLINE": "60",
    "BFF_REQUEST_SECONDS": "240",
    "BFF_WORK_DEADLINE": "120",
}
"""No deadline is reached, however slow the machine is; a deadlock is told by the database itself."""
UNLIMITED = {
    f"BFF_{name}": "1000000" for name in ("LOG_IN_PER_ACCOUNT", "LOG_IN_PER_ADDRESS", "SIGN_UP_PER_ADDRESS")
} | {"BFF_REFRESH_PER_ADDRESS": "1000000"}
TWO_KEYS = f"{DEV_SECRET_KEYS},next:the-next-secret-of-more-than-32-bytes-00000"

ALL_ACTIONS: Mapping[str, Callable[[Any, int], Sent]] = {**ACTIONS, **PAYMENT_ACTIONS}
PAIRS = [
    *combinations_with_replacement(ACTIONS, 2),
    *combinations_with_replacement(PAYMENT_ACTIONS, 2),
    *product(PAYMENT_ACTIONS, ("deleteAccount", "updateProfile")),
]
"""Payments lock what belongs to an account only against its deletion."""

LOCKING = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)\"?"
    r"|FROM (\w+)(?=(?:[^()]|ANY\(\$\d+\))* FOR (?:KEY SHARE|SHARE|NO KEY UPDATE|UPDATE))"
)


def locked(statement: str) -> list[str]:
    """Tables of accounts in which a statement locks or changes rows."""
    found = [changed or held for changed, held in LOCKING.findall(statement)]
    return [table for table in dict.fromkeys(found) if table in LOCK_ORDER]


def out_of_order(statements: Sequence[str]) -> list[str]:
    """Returns the statements that lock a table out of order."""
    last, found = 0, list[str]()
    for statement in statements:
        for table in locked(statement):
            place = LOCK_ORDER.index(table)
            if place < last:
                found.append(statement)
            last = max(last, place)
    return found


def test_the_order_is_told_from_statements() -> None:
    assert locked("SELECT id FROM devices d WHERE d.id = $1 FOR UPDATE OF d") == ["devices"]
    assert locked("SELECT u.id FROM users u WHERE u.id = ANY($2) ORDER BY u.id FOR KEY SHARE OF u") == ["users"]
    assert locked("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE") == ["users"]
    assert locked('INSERT INTO "devices" ("id") VALUES ($1)') == ["devices"]
    assert locked("SELECT id FROM devices") == []
    assert out_of_order(["DELETE FROM devices", "UPDATE refresh_families SET id = 1"]) != []
    assert out_of_order(["UPDATE refresh_families SET id = 1", "DELETE FROM devices"]) == []


def test_every_mutation_that_is_not_of_the_feed_is_tried() -> None:
    mutation = build_schema(Path("schema.graphql").read_text()).mutation_type
    assert mutation is not None
    assert set(mutation.fields) == {*ALL_ACTIONS, *FIELDS.values()}, (
        "say in ACTIONS of tests/support/storm.py how a new mutation of an account is sent; one of the feed belongs "
        "into FIELDS of tests/support/app.py, one of payments into PAYMENT_ACTIONS of tests/support/payment_storm.py"
    )


@pytest.mark.parametrize("name", list(ACTIONS))
async def test_each_mutation_locks_tables_in_the_order(client: Client, statements: list[str], name: str) -> None:
    person = await make_person(client.resources, 1)
    await send(client.http, person, ACTIONS["registerPushToken"](person, 1))
    statements.clear()
    answer = await send(client.http, person, ACTIONS[name](person, 0))
    assert "errors" not in answer, answer
    assert [table for statement in statements for table in locked(statement)] or name == "signUp"
    assert out_of_order(statements) == []


FIRST_LOCKS = {
    "addPaymentMethod": ["users"],
    "removePaymentMethod": ["users"],
    "topUpWallet": ["users", "wallets", "payments"],
    "sendPayment": ["users", "wallets", "payments"],
    "refundPayment": ["users", "payments", "wallets"],
}
"""The tables in the order in which each mutation of payments locks them first. Nothing waits for a new payment."""


@pytest.mark.parametrize("name", list(PAYMENT_ACTIONS))
async def test_each_mutation_of_payments_locks_tables_in_the_order(
    client: Client, statements: list[str], name: str
) -> None:
    payer = await make_payer(client.resources, 1)
    statements.clear()
    answer = await send(client.http, payer, PAYMENT_ACTIONS[name](payer, 0))
    typename = f"{name[0].upper()}{name[1:]}Success"
    assert answer == {"data": {name: {"__typename": typename}}}
    if client.resources.database.dialect.statement("SELECT 1 FROM users FOR KEY SHARE").endswith("SHARE"):
        first = dict.fromkeys(table for statement in statements for table in locked(statement))
        assert list(first) == FIRST_LOCKS[name]


async def test_a_token_that_is_used_again_locks_in_the_order(client: Client, statements: list[str]) -> None:
    person = await make_person(client.resources, 1)
    for _ in range(2):
        statements.clear()
        await client.resources.database.fetch("UPDATE refresh_families SET token_hash = $1", b"another")
        await send(client.http, person, ACTIONS["refreshSession"](person, 0))
    assert out_of_order(statements) == []


async def beside(resources: Resources) -> None:
    """Repeats the account operations of operators and jobs."""
    while True:
        await rotate_keys(resources, lambda _: None)
        await enqueued(resources, 1, handler="forget_old")
        await run_due(resources, HANDLERS)


async def clash(servers: Sequence[AsyncClient], person: Person, names: tuple[str, str]) -> list[dict[str, Any]]:
    """Sends two kinds of requests about one account at once, each kind to its own process."""
    return await asyncio.gather(
        *(
            send(http, person, ALL_ACTIONS[name](person, number))
            for number in range(COPIES)
            for http, name in zip(servers, names, strict=True)
        )
    )


async def storm(resources: Resources, servers: Sequence[AsyncClient]) -> dict[tuple[str, str], list[str]]:
    """Sends all pairs. Returns those with an error other than a sign-out by the other request."""
    room, failed = asyncio.Semaphore(AT_ONCE), dict[tuple[str, str], list[str]]()

    async def run(number: int, names: tuple[str, str]) -> None:
        async with room:
            person = await (make_payer if names[0] in PAYMENT_ACTIONS else make_person)(resources, number)
            for answer in await clash(servers, person, names):
                codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
                if set(codes) - {"UNAUTHENTICATED"}:
                    failed.setdefault(names, []).extend(codes)

    await asyncio.gather(*(run(number, names) for number, names in enumerate(PAIRS)))
    return failed


@pytest.mark.skipif(not reachable_postgres(), reason="SQLite's transactions take turns")
async def test_all_pairs_of_mutations_in_two_processes_end_without_a_deadlock(engine: Any, tmp_path: Path) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite's transactions take turns")
    async with engine.copy() as url:
        ports = [free_port(), free_port()]
        environment = {"BFF_DATABASE_URL": url, "BFF_PAYMENTS_URL": "sandbox://", **PATIENT, **UNLIMITED}
        roles = [
            Role(["-m", "cli.main", "serve"], {**environment, "PORT": str(port)}, tmp_path / f"{port}.log")
            for port in ports
        ]
        settings = Settings(
            database_url=url, database_deadline=60, feature_deadline=60, work_deadline=120, secret_keys=TWO_KEYS
        )
        async with open_resources(settings) as resources, running(roles):
            servers = [AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) for port in ports]
            for http in servers:
                await until_ready(http)
            working = asyncio.create_task(beside(resources))
            failed = await storm(resources, servers)
            assert not working.done(), working.exception()
            working.cancel()
            for http in servers:
                await http.aclose()
        assert failed == {}
        assert await deadlocks(url) == 0


async def deadlocks(url: str) -> int:
    """Returns the number of deadlocks that the database has counted. Processes report theirs when they end."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    finally:
        await connection.close()
