"""Tests that due jobs get from the table into the queue once, and again when they were lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.queue import Queue, Run
from core.errors import Unavailable
from core.settings import Settings
from services.jobs import Dispatcher, Scheduler, read_offer
from services.jobs.schedules import slot_of
from services.jobs.table import lease_duration, offer_due
from services.resources import Resources
from tests.support.jobs import enqueued, key_of, rows
from tests.support.timing import settings_for

NOTHING = Scheduler({})


class Carrier(Queue):
    """Takes three at a time, unless it is gone."""

    def __init__(self) -> None:
        self.brought: list[int] = []
        self.gone = False

    async def capacity(self) -> int:
        return 3

    async def offer(self, texts: Sequence[str]) -> None:
        if self.gone:
            raise Unavailable("gone")
        self.brought += [read_offer(text).key.event_id for text in texts]

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


async def test_what_is_due_is_offered_the_oldest_first_and_the_rest_when_it_is(resources: Resources) -> None:
    carrier = Carrier()
    dispatcher = Dispatcher(replace(resources, queue=carrier), NOTHING, ["do"])
    for number in range(5):
        await enqueued(resources, number, after=number - 10)
    await enqueued(resources, 9, after=2.0)
    assert await dispatcher.step(1.0) == 0.0
    assert carrier.brought == [0, 1, 2]
    seconds = await dispatcher.step(4.0)
    assert carrier.brought == [0, 1, 2, 3, 4]
    assert 0 < seconds <= 2.0
    await asyncio.sleep(2.01)
    assert await dispatcher.step(4.0) == 4.0
    assert carrier.brought[5:] == [9]


async def test_without_jobs_there_is_nothing_to_do_until_somebody_says_so(resources: Resources) -> None:
    assert await Dispatcher(replace(resources, queue=Carrier()), NOTHING, ["do"]).step(1.0) == 1.0


async def test_an_offer_that_was_lost_is_made_again(resources: Resources) -> None:
    await enqueued(resources, 1)
    assert [offer.key for offer in await offer_due(resources, 9, ["do"])] == [key_of(1)]
    assert await offer_due(resources, 9, ["do"]) == []
    later = resources.clock() + lease_duration(resources)
    assert [offer.key for offer in await offer_due(replace(resources, clock=lambda: later), 9, ["do"])] == [key_of(1)]


async def test_while_the_queue_is_gone_jobs_stay_due(resources: Resources) -> None:
    carrier = Carrier()
    dispatcher = Dispatcher(replace(resources, queue=carrier), NOTHING, ["do"])
    await enqueued(resources, 1, 2)
    carrier.gone = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            await dispatcher.step(1.0)
    carrier.gone = False
    await dispatcher.step(1.0)
    assert sorted(carrier.brought) == [1, 2]


async def test_many_dispatchers_offer_each_job_once(resources: Resources) -> None:
    await enqueued(resources, *range(40))
    found = await asyncio.gather(*(offer_due(resources, 7, ["do"]) for _ in range(8)))
    keys = [offer.key.event_id for offers in found for offer in offers]
    assert sorted(keys) == list(range(40))


async def test_what_is_done_regularly_becomes_one_job_for_each_slot_however_many_ask(resources: Resources) -> None:
    schedules = {"sweep": timedelta(minutes=10), "greet": timedelta(hours=1)}
    now = datetime(2026, 3, 1, 12, 34, tzinfo=UTC)
    for minutes, expected in ((0, 2), (5, 2), (6, 3), (6, 3), (26, 5)):
        at = replace(resources, clock=lambda minutes=minutes: now + timedelta(minutes=minutes))
        for scheduler in (Scheduler(schedules), Scheduler(schedules)):
            await scheduler.make_jobs(at)
        assert len(await rows(resources, "jobs")) == expected
    handlers = [row["handler"] for row in await rows(resources, "jobs")]
    assert (handlers.count("sweep"), handlers.count("greet")) == (3, 2)
    assert {row["owner_id"] for row in await rows(resources, "jobs")} == {0}


async def test_a_scheduler_asks_the_database_once_a_slot(resources: Resources, statements: list[str]) -> None:
    scheduler = Scheduler({"sweep": timedelta(days=1000)})
    await scheduler.make_jobs(resources)
    statements.clear()
    await scheduler.make_jobs(resources)
    assert statements == []


def test_slots_begin_where_they_always_did() -> None:
    at = datetime(2026, 3, 1, 12, 34, 56, 789, tzinfo=UTC)
    assert slot_of(at, timedelta(minutes=10)) == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert slot_of(slot_of(at, timedelta(hours=1)), timedelta(hours=1)) == datetime(2026, 3, 1, 12, tzinfo=UTC)
