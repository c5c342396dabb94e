"""Tests that a unit of work is repeated when the database rolled it back in favor of a concurrent one."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.database import Queries
from core.errors import Contended, Unavailable, not_found
from core.settings import Settings
from core.viewer import SignedIn
from events import Event, PostPublished
from services.event_log.log import EventLog
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work
from tests.support.client import Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.kept import events_of, snapshot
from tests.support.payments import available, send
from tests.support.timing import settings_for


class Step:
    """Emits an event, and raises errors in its first runs."""

    def __init__(self, errors: Sequence[Exception]) -> None:
        self.errors = list(errors)
        self.runs = 0

    async def __call__(self, work: UnitOfWork) -> int:
        self.runs += 1
        await work.transaction()
        work.emit(PostPublished(actor_id=self.runs, post_id=1))
        if self.errors:
            raise self.errors.pop(0)
        return self.runs


async def test_a_step_that_was_rolled_back_is_repeated_and_its_events_are_emitted_once(resources: Resources) -> None:
    step = Step([Contended("once"), Contended("twice")])
    assert await in_unit_of_work(resources, step) == 3
    assert await events_of(resources) == [PostPublished(actor_id=3, post_id=1)]


@pytest.mark.parametrize("error", [Unavailable("gone"), not_found("input.id", "gone"), ValueError("wrong")])
async def test_a_step_with_another_error_is_not_repeated(resources: Resources, error: Exception) -> None:
    step = Step([error])
    with pytest.raises(type(error)):
        await in_unit_of_work(resources, step)
    assert step.runs == 1
    assert await events_of(resources) == []


class TestShortDeadline:
    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return settings_for(database_url, work_deadline=1.0)

    async def test_it_is_repeated_until_the_deadline_of_all_runs(self, resources: Resources) -> None:
        step, loop = Step([Contended("again")] * 1000), asyncio.get_running_loop()
        begun = loop.time()
        with pytest.raises(Contended):
            await in_unit_of_work(resources, step)
        assert 0.5 < loop.time() - begun < 30
        assert 3 < step.runs < 40
        assert await events_of(resources) == []


async def test_two_units_that_deadlock_both_end(resources: Resources, engine: Engine) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite's transactions run one at a time")
    ids = [row["owner_id"] for row in await resources.database.fetch("SELECT owner_id FROM wallets LIMIT 2")]
    both, runs = asyncio.Barrier(2), 0

    async def lock(work: UnitOfWork, order: Sequence[int]) -> None:
        nonlocal runs
        runs += 1
        transaction, first_time = await work.transaction(), runs <= 2
        for owner_id in order:
            await transaction.fetch("SELECT id FROM wallets WHERE owner_id = $1 FOR UPDATE", owner_id)
            if first_time and owner_id == order[0]:
                await both.wait()

    await asyncio.gather(
        *(in_unit_of_work(resources, lambda work, order=order: lock(work, order)) for order in (ids, ids[::-1]))
    )
    assert runs == 3


async def test_a_transfer_that_was_rolled_back_is_made_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    anas, append, failures = await available(client, "ana"), EventLog.append, [Contended("once")]

    async def fail_first(log: EventLog, transaction: Queries, events: Sequence[Event]) -> None:
        if failures:
            raise failures.pop()
        await append(log, transaction, events)

    monkeypatch.setattr(EventLog, "append", fail_first)
    answer = await send(client, "ana", "ben", 100)
    assert (answer["__typename"], answer["replayed"], failures) == ("SendPaymentSuccess", False, [])
    assert await available(client, "ana") == anas - 100
    assert len(await events_of(client.resources)) == 1


async def test_the_viewers_responses_are_outdated_by_a_step_that_emits_nothing(resources: Resources) -> None:
    before = await snapshot(resources)

    async def write(work: UnitOfWork) -> set[str]:
        await work.transaction()
        return work.tags

    assert await in_unit_of_work(resources, write, SignedIn(7, 1)) == {"Viewer:7"}
    assert await in_unit_of_work(resources, write) == set()
    assert await snapshot(resources) == before
