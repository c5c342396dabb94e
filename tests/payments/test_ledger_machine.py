"""Random movements of the ledger, compared with a model of it in Python. Every run has owners of its own."""

import asyncio
import os
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey
from services.maintenance.migrations import migrate
from services.payments.verification import LedgerVerification
from services.resources import Resources, open_resources
from tests.support.engines import Engine, PostgresEngine, SqliteEngine, reachable_postgres
from tests.support.ledger import AlreadyEnded, Books
from tests.support.timing import settings_for

RUNS = {"sqlite": 1000, "postgres": 50}
STEPS = 10
OWNERS = 3
AMOUNTS = st.integers(1, 40)
CHOICES = st.integers(0, 9)


@dataclass
class Paid:
    """A payment of the model."""

    key: PaymentKey
    kind: str
    amount: int
    status: str
    other: int = 0
    refunded: int = 0
    held: int = 0
    """The sum of its refunds that are pending."""
    charged_back: int = 0
    reversed: int = 0
    original: "Paid | None" = None

    def refund(self, amount: int) -> None:
        self.refunded = min(self.amount, self.refunded + amount)
        self.status = "REFUNDED" if self.refunded == self.amount else "PARTIALLY_REFUNDED"

    def can_refund(self, amount: int) -> bool:
        is_refundable = self.status in ("SUCCEEDED", "PARTIALLY_REFUNDED")
        return is_refundable and self.refunded + self.held + amount <= self.amount


class World:
    """A database and its event loop, which all runs share."""

    def __init__(self, runner: asyncio.Runner, resources: Resources) -> None:
        self.resources = resources
        self.books = Books(resources)
        self.numbers: Iterator[int] = count(1)
        self._runner = runner

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(coroutine)


class LedgerMachine(RuleBasedStateMachine):
    """Moves money between the wallets of a run. `world` is set by the test."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.owners = [next(self.world.numbers) for _ in range(OWNERS)]
        self.available: dict[int, int] = {}
        self.pending: dict[int, int] = {}
        self.payments: list[Paid] = []
        for owner in self.owners[:2]:
            self._open(owner)

    @precondition(lambda self: len(self.available) < OWNERS)
    @rule()
    def open_wallet(self) -> None:
        self._open(self.owners[2])

    @rule(choice=CHOICES)
    def open_wallet_again(self, choice: int) -> None:
        self.world.run(self.world.books.open_wallet(self._owner(choice)))

    @rule(choice=CHOICES, amount=AMOUNTS)
    def start_top_up(self, choice: int, amount: int) -> None:
        paid = self._new(self._owner(choice), "TOP_UP", amount, "PENDING")
        self._expect(self.world.books.start_top_up(paid.key, amount), succeeds=True)
        self.pending[paid.key.owner_id] += amount
        self.payments.append(paid)

    @rule(choice=CHOICES, amount=AMOUNTS)
    def top_up(self, choice: int, amount: int) -> None:
        self.start_top_up(choice, amount)
        self._end_top_up(self.payments[-1], succeeds=True)

    @precondition(lambda self: self._of("TOP_UP"))
    @rule(choice=CHOICES, succeeds=st.booleans())
    def end_top_up(self, choice: int, succeeds: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        self._end_top_up(self._chosen("TOP_UP", choice), succeeds=succeeds)

    @rule(choice=CHOICES, other=CHOICES, amount=AMOUNTS)
    def transfer(self, choice: int, other: int, amount: int) -> None:
        sender, recipient = self._owner(choice), self._owner(choice + 1 + other % (len(self.available) - 1))
        paid = self._new(sender, "TRANSFER", amount, "SUCCEEDED", recipient)
        if self._expect(
            self.world.books.transfer(paid.key, recipient, amount), succeeds=self.available[sender] >= amount
        ):
            self._move(sender, recipient, amount)
            self.payments.append(paid)

    @precondition(lambda self: self._of("TRANSFER"))
    @rule(choice=CHOICES, amount=AMOUNTS)
    def refund_transfer(self, choice: int, amount: int) -> None:
        original = self._chosen("TRANSFER", choice)
        refunder, sender = original.other, original.key.owner_id
        refund = self._new(refunder, "REFUND", amount, "SUCCEEDED", sender, original)
        if self._expect(
            self.world.books.refund_transfer(refund.key, original.key, amount),
            succeeds=original.can_refund(amount) and self.available[refunder] >= amount,
        ):
            self._move(refunder, sender, amount)
            original.refund(amount)
            self.payments.append(refund)

    @precondition(lambda self: self._of("TOP_UP"))
    @rule(choice=CHOICES, amount=AMOUNTS)
    def start_refund(self, choice: int, amount: int) -> None:
        original = self._chosen("TOP_UP", choice)
        owner = original.key.owner_id
        refund = self._new(owner, "REFUND", amount, "PENDING", 0, original)
        if self._expect(
            self.world.books.start_refund(refund.key, original.key, amount),
            succeeds=original.can_refund(amount) and self.available[owner] >= amount,
        ):
            self.available[owner] -= amount
            original.held += amount
            self.payments.append(refund)

    @precondition(lambda self: self._of("REFUND"))
    @rule(choice=CHOICES, succeeds=st.booleans())
    def end_refund(self, choice: int, succeeds: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        refund = self._chosen("REFUND", choice)
        original, amount = refund.original, refund.amount
        assert original is not None
        if self._expect(
            self.world.books.end_refund(refund.key, original.key, amount, succeeds=succeeds),
            succeeds=refund.status == "PENDING",
        ):
            refund.status = "SUCCEEDED" if succeeds else "FAILED"
            original.held -= amount
            if succeeds:
                original.refund(amount)
            else:
                self.available[refund.key.owner_id] += amount

    @precondition(lambda self: self._of("TOP_UP"))
    @rule(choice=CHOICES, amount=AMOUNTS)
    def charge_back(self, choice: int, amount: int) -> None:
        original = self._chosen("TOP_UP", choice)
        taken = self._new(original.key.owner_id, "CHARGEBACK", amount, "SUCCEEDED")
        succeeds = original.status not in ("PENDING", "FAILED")
        if self._expect(self.world.books.charge_back(taken.key, original.key, amount), succeeds=succeeds):
            original.refund(amount)
            original.charged_back += amount
            self.payments.append(taken)

    @precondition(lambda self: self._of("TOP_UP"))
    @rule(choice=CHOICES, amount=AMOUNTS)
    def reverse_chargeback(self, choice: int, amount: int) -> None:
        original = self._chosen("TOP_UP", choice)
        returned = self._new(original.key.owner_id, "CHARGEBACK", amount, "SUCCEEDED")
        succeeds = original.reversed + amount <= original.charged_back
        if self._expect(self.world.books.reverse_chargeback(returned.key, original.key, amount), succeeds=succeeds):
            original.reversed += amount
            self.payments.append(returned)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        opened = [(self.available[owner], self.pending[owner]) for owner in self.owners if owner in self.available]
        assert self.world.run(self.world.books.balances(*self.owners)) == opened

    def teardown(self) -> None:
        self.world.run(self._compare_payments())

    async def _compare_payments(self) -> None:
        rows = await self.world.resources.database.fetch(
            "SELECT owner_id, id, status, refunded_amount FROM payments WHERE owner_id = ANY($1) ORDER BY id",
            self.owners,
        )
        assert [tuple(row.values()) for row in rows] == [
            (*paid.key, paid.status, paid.refunded) for paid in self.payments
        ]

    def _open(self, owner: int) -> None:
        self.world.run(self.world.books.open_wallet(owner))
        self.available[owner] = self.pending[owner] = 0

    def _end_top_up(self, paid: Paid, *, succeeds: bool) -> None:
        ended = self.world.books.end_top_up(paid.key, paid.amount, succeeds=succeeds)
        if self._expect(ended, succeeds=paid.status == "PENDING"):
            owner = paid.key.owner_id
            paid.status = "SUCCEEDED" if succeeds else "FAILED"
            self.pending[owner] -= paid.amount
            self.available[owner] += paid.amount if succeeds else 0

    def _expect(self, movement: Coroutine[Any, Any, None], *, succeeds: bool) -> bool:
        """Runs a movement that the database has to write, or has to reject. Returns whether it was written."""
        if succeeds:
            self.world.run(movement)
            return True
        with pytest.raises((IntegrityError, AlreadyEnded)):
            self.world.run(movement)
        return False

    def _new(  # noqa: PLR0913, PLR0917 - the attributes of a payment
        self, owner: int, kind: str, amount: int, status: str, other: int = 0, original: Paid | None = None
    ) -> Paid:
        key = PaymentKey(owner, next(self.world.numbers))
        return Paid(key, kind, amount, status, other, original=original)

    def _owner(self, choice: int) -> int:
        opened = list(self.available)
        return opened[choice % len(opened)]

    def _of(self, kind: str) -> list[Paid]:
        return [paid for paid in self.payments if paid.kind == kind]

    def _chosen(self, kind: str, choice: int) -> Paid:
        found = self._of(kind)
        return found[choice % len(found)]

    def _move(self, source: int, target: int, amount: int) -> None:
        self.available[source] -= amount
        self.available[target] += amount


@asynccontextmanager
async def empty_database(engine: Engine) -> AsyncGenerator[Resources]:
    async with engine.empty() as url, open_resources(settings_for(url)) as resources:
        await migrate(resources.database, lambda _name: None)
        yield resources


@pytest.mark.parametrize("name", ["sqlite", *(["postgres"] if reachable_postgres() else [])])
def test_random_movements_leave_the_books_of_the_model(name: str, tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path) if name == "sqlite" else PostgresEngine(f"bff_machine_{os.getpid()}")
    with asyncio.Runner() as runner:
        opened = empty_database(engine)
        resources = runner.run(opened.__aenter__())
        machine = type("Machine", (LedgerMachine,), {"world": World(runner, resources)})
        chosen = settings(
            max_examples=RUNS[name],
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        run_state_machine_as_test(machine, settings=chosen)
        assert runner.run(_faults(resources)) == []
        runner.run(opened.__aexit__(None, None, None))


async def _faults(resources: Resources) -> list[Any]:
    return [fault async for fault in LedgerVerification(resources.database).faults()]
