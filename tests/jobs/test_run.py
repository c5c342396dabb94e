"""Tests that a job has one effect, is retried, and finally becomes a dead letter."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.settings import Settings
from services.event_log.log import LogPosition
from services.jobs import Job, Outcome, replay_jobs, run_job
from services.jobs.run import pause_after
from services.jobs.table import acquire_lease, offer_due
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from tests.support.jobs import DID, Doer, did, enqueued, key_of, rows, run_all, run_due
from tests.support.timing import settings_for


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, job_attempts=3, job_pause=0.02)


@pytest.fixture
async def writes(resources: Resources) -> Resources:
    await resources.database.fetch(DID)
    return resources


async def test_a_job_is_done_once_with_what_its_event_said(writes: Resources) -> None:
    await enqueued(writes, 1)
    await enqueued(writes, 1)
    doer = Doer()
    (offer,) = await run_due(writes, {"do": doer})
    await run_job(writes, {"do": doer}, offer)
    assert await did(writes) == [(1, 1)]
    (job,) = doer.seen
    assert (job.key, job.position, job.data, job.attempts) == (key_of(1), LogPosition(3, 1), {"post_id": 5}, 1)
    assert await rows(writes, "jobs") == []


async def test_a_job_that_fails_keeps_nothing_and_is_tried_again_after_longer_pauses(writes: Resources) -> None:
    await enqueued(writes, 1)
    doer = Doer(failures=2)
    await run_due(writes, {"do": doer})
    (row,) = await rows(writes, "jobs")
    assert (await did(writes), row["attempts"]) == ([], 1)
    assert row["due_at"] > row["created_at"]
    assert await run_all(writes, {"do": doer}) == 2
    assert await did(writes) == [(1, 3)]
    assert await rows(writes, "dead_jobs") == []


def test_pauses_double_and_are_spread_up_to_an_hour(resources: Resources) -> None:
    slow = replace(resources, settings=Settings(job_pause=1.0))
    for attempts, longest in ((1, 1), (2, 2), (5, 16), (12, 2048), (13, 3600), (100, 3600)):
        pauses = [pause_after(slow, attempts) / timedelta(seconds=1) for _ in range(50)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest


async def test_a_job_that_keeps_failing_is_set_aside_with_its_traceback_and_stops_no_other(writes: Resources) -> None:
    error = LookupError("nobody\nDETAIL: somebody@example.com")
    await enqueued(writes, 1, handler="fail")
    await enqueued(writes, 2)
    handlers = {"fail": Doer(failures=99, error=error), "do": Doer()}
    await run_all(writes, handlers)
    assert await did(writes) == [(2, 1)]
    (dead,) = await rows(writes, "dead_jobs")
    assert (dead["owner_id"], dead["event_id"], dead["handler"], dead["data"]) == (7, 1, "fail", '{"post_id":5}')
    assert dead["error"].endswith("LookupError: nobody")
    assert "raise self.error" in dead["error"]
    assert "example.com" not in dead["error"]
    assert len(handlers["fail"].seen) == 3


async def test_a_job_whose_key_is_dead_already_is_set_aside_again(writes: Resources) -> None:
    for error in ("first", "second"):
        await enqueued(writes, 1)
        await run_all(writes, {"do": Doer(failures=99, error=LookupError(error))})
    (dead,) = await rows(writes, "dead_jobs")
    assert dead["error"].endswith("LookupError: second")
    assert await rows(writes, "jobs") == []


async def test_a_job_that_waits_is_due_earlier_if_it_is_created_again(writes: Resources) -> None:
    await enqueued(writes, 1, after=3600)
    await enqueued(writes, 1, after=7200)
    (job,) = await rows(writes, "jobs")
    assert job["due_at"] - writes.clock() < timedelta(hours=1)
    assert await run_due(writes, {"do": Doer()}) == []
    await enqueued(writes, 1)
    assert len(await run_due(writes, {"do": Doer()})) == 1
    assert await did(writes) == [(1, 1)]


async def test_a_failed_job_keeps_its_pause_if_it_is_created_again(writes: Resources) -> None:
    await enqueued(writes, 1)
    await run_due(writes, {"do": Doer(failures=1)})
    (before,) = await rows(writes, "jobs")
    await enqueued(writes, 1)
    assert await rows(writes, "jobs") == [before]


@pytest.mark.parametrize("data", ['{"post_id":"5"}', "[5]", "not JSON", '{"post_id":null}', '{"post_id":5.5}'])
async def test_a_job_whose_data_has_another_shape_is_set_aside_at_once_and_can_be_replayed(
    writes: Resources, data: str
) -> None:
    await enqueued(writes, 1)
    await writes.database.fetch("UPDATE jobs SET data = $1", data)
    doer = Doer()
    await run_due(writes, {"do": doer})
    assert (doer.seen, await rows(writes, "jobs")) == ([], [])
    (dead,) = await rows(writes, "dead_jobs")
    assert (dead["handler"], dead["event_id"], dead["data"]) == ("do", 1, data)
    assert dead["error"].endswith("UnreadableJob: the data of this job is not an object of integers")
    await writes.database.fetch("UPDATE dead_jobs SET data = $1", '{"post_id":6}')
    assert await replay_jobs(writes, 1) == 1
    await run_all(writes, {"do": doer})
    assert [job.data for job in doer.seen] == [{"post_id": 6}]


async def test_a_job_in_parts_is_run_until_all_is_done_and_its_failures_are_counted_by_part(writes: Resources) -> None:
    await enqueued(writes, 1)
    doer = Doer(parts=3, failures=2)
    assert await run_all(writes, {"do": doer}) == 5
    assert await did(writes) == [(1, 1), (1, 1), (1, 3)]


async def test_a_job_whose_workers_are_lost_is_run_again_and_set_aside_at_last(writes: Resources) -> None:
    await enqueued(writes, 1)
    for _ in range(3):
        (offer,) = await offer_due(writes, 10, ["do"])
        assert await acquire_lease(writes, offer) is not None
        assert await offer_due(writes, 10, ["do"]) == []
        await writes.database.fetch("UPDATE jobs SET due_at = $1", writes.clock())
    doer = Doer()
    await run_due(writes, {"do": doer})
    assert (await did(writes), doer.seen) == ([], [])
    (dead,) = await rows(writes, "dead_jobs")
    assert dead["error"] == "3 workers died during this job"


async def test_a_worker_that_another_has_taken_the_job_from_keeps_nothing(writes: Resources) -> None:
    await enqueued(writes, 1)
    started, go_on = asyncio.Event(), asyncio.Event()
    fast = Doer()

    async def slow(work: UnitOfWork, _resources: Resources, job: Job) -> Outcome:
        started.set()
        await go_on.wait()
        return await Doer()(work, _resources, job)

    (offer,) = await offer_due(writes, 10, ["do"])
    late = asyncio.create_task(run_job(writes, {"do": slow}, offer))
    await started.wait()
    await writes.database.fetch("UPDATE jobs SET due_at = $1", writes.clock())
    await run_due(writes, {"do": fast})
    go_on.set()
    await late
    assert await did(writes) == [(1, 2)]
    assert [await rows(writes, table) for table in ("jobs", "dead_jobs")] == [[], []]


async def test_a_job_that_takes_too_long_is_undone_and_has_failed(writes: Resources) -> None:
    await enqueued(writes, 1)

    async def endless(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
        await Doer()(work, resources, job)
        await asyncio.Event().wait()
        return Outcome.DONE

    hurried = replace(writes, settings=replace(writes.settings, work_deadline=0.5))
    await run_due(hurried, {"do": endless})
    (row,) = await rows(writes, "jobs")
    assert (await did(writes), row["attempts"]) == ([], 1)


async def test_of_many_that_run_the_same_offer_one_does_the_job(writes: Resources) -> None:
    await enqueued(writes, *range(20))
    offers = await offer_due(writes, 100, ["do"])
    doer = Doer()
    await asyncio.gather(*(run_job(writes, {"do": doer}, offer) for offer in offers * 3))
    assert await did(writes) == [(number, 1) for number in range(20)]
    assert len(doer.seen) == 20
