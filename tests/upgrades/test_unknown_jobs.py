"""Tests that a worker leaves jobs of a newer release to its workers, and that an operator can give them up."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

import services.jobs.dispatch
import services.jobs.unknown
from adapters.queue import Queue, Run
from core.errors import Unavailable
from services.jobs import Dispatcher, Job, Scheduler, UnknownJob, give_up_job, run_job, unknown_jobs
from services.jobs.job import Offer
from services.jobs.run import LEFT_PAUSE
from services.jobs.table import acquire_lease
from services.resources import Resources
from tests.support.commands import call_bff
from tests.support.jobs import DID, Doer, did, enqueued, key_of, rows, run_due


class Texts(Queue):
    """Collects offers."""

    def __init__(self) -> None:
        self.offers: list[str] = []

    async def capacity(self) -> int:
        return 10

    async def offer(self, texts: Sequence[str]) -> None:
        self.offers += texts

    async def work(self, run: Run, *, concurrency: int, drain: float) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
async def writes(resources: Resources) -> Resources:
    await resources.database.fetch(DID)
    return resources


async def test_a_dispatcher_offers_its_own_handlers_and_waits_while_only_others_are_due(writes: Resources) -> None:
    await enqueued(writes, 1, handler="of_the_future", after=-60)
    await enqueued(writes, 2, after=-1)
    queue = Texts()
    dispatcher = Dispatcher(replace(writes, queue=queue), Scheduler({}), ["do"])
    await dispatcher.step(1.0)
    assert [text.split(":")[1:3] for text in queue.offers] == [["2", "do"]]
    await writes.database.fetch("DELETE FROM jobs WHERE event_id = 2")
    assert await dispatcher.step(1.0) == 1.0
    assert writes.work.unknown_job_at is not None
    assert writes.clock() - writes.work.unknown_job_at >= timedelta(seconds=60)


async def test_a_dispatcher_goes_on_when_it_cannot_look_for_unknown_jobs(
    writes: Resources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def slow(*_arguments: object) -> list[UnknownJob]:
        raise Unavailable("the deadline has passed")

    monkeypatch.setattr(services.jobs.dispatch, "unknown_jobs", slow)
    queue = Texts()
    dispatcher = Dispatcher(replace(writes, queue=queue), Scheduler({}), ["do"])
    for event_id in (1, 2):
        await enqueued(writes, event_id, after=-1)
        with caplog.at_level(logging.WARNING):
            await dispatcher.step(1.0)
    assert [text.split(":")[1] for text in queue.offers] == ["1", "2"]
    assert [record.getMessage() for record in caplog.records] == ["jobs of newer releases could not be looked for"]


async def test_a_look_for_unknown_jobs_reads_a_limited_number_of_due_jobs(writes: Resources) -> None:
    await enqueued(writes, 1, 2, after=-2)
    await enqueued(writes, 3, handler="of_the_future", after=-1)
    found = [await unknown_jobs(writes.database, ["do"], writes.clock(), 1, max_read) for max_read in (2, 3)]
    assert [[job.offer.key.event_id for job in jobs] for jobs in found] == [[], [3]]


async def test_a_worker_that_is_offered_a_job_of_a_newer_release_leaves_it_without_an_attempt(
    writes: Resources,
) -> None:
    await enqueued(writes, 1, handler="of_the_future")
    (before,) = await rows(writes, "jobs")
    began = writes.clock()
    await run_job(writes, {"do": Doer()}, Offer(key_of(1, "of_the_future"), 0))
    (row,) = await rows(writes, "jobs")
    assert {**row, "due_at": None} == {**before, "due_at": None}
    assert began + LEFT_PAUSE <= row["due_at"] <= writes.clock() + LEFT_PAUSE
    assert await rows(writes, "dead_jobs") == []
    await writes.database.fetch("UPDATE jobs SET due_at = $1", began)
    await run_due(writes, {"of_the_future": Doer()})
    assert (await did(writes), await rows(writes, "jobs")) == ([(1, 1)], [])


async def test_a_worker_leaves_no_job_that_another_one_has_taken(writes: Resources) -> None:
    await enqueued(writes, 1, handler="of_the_future")
    (before,) = await rows(writes, "jobs")
    await run_job(writes, {}, Offer(key_of(1, "of_the_future"), 5))
    assert await rows(writes, "jobs") == [before]


async def test_a_job_that_another_process_takes_meanwhile_is_not_given_up(
    writes: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enqueued(writes, 1, handler="of_the_future")
    (unknown,) = await unknown_jobs(writes.database, [], writes.clock(), 1)

    async def overtaken(resources: Resources, offer: Offer) -> Job | None:
        job = await acquire_lease(resources, offer)
        await resources.database.fetch("UPDATE jobs SET lease = 5")
        return job

    monkeypatch.setattr(services.jobs.unknown, "acquire_lease", overtaken)
    assert await give_up_job(writes, unknown) is False
    assert (len(await rows(writes, "jobs")), await rows(writes, "dead_jobs")) == (1, [])


async def test_an_operator_lists_and_gives_up_an_unknown_job(writes: Resources) -> None:
    url = writes.settings.database_url
    await enqueued(writes, 11, handler="of_the_future", after=-5)
    await enqueued(writes, 11, handler="forget_old", after=-5)
    listed = call_bff("events", "unknown", BFF_DATABASE_URL=url).stdout
    assert listed.startswith("job    11  of_the_future  due since ")
    assert len(listed.splitlines()) == 1
    done = call_bff("events", "give-up", "11", BFF_DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (0, "11  the job of_the_future is a dead letter\n")
    assert [row["handler"] for row in await rows(writes, "jobs")] == ["forget_old"]
    (dead,) = await rows(writes, "dead_jobs")
    assert dead["error"] == "an operator gave up the job, because no running release knows its handler"
