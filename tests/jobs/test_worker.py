"""Tests the worker's two loops with every queue."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from adapters.queue import open_queue
from core.errors import Unavailable
from services.event_log import topics
from services.jobs import Dispatcher, Handlers, Job, Outcome
from services.jobs.schedules import SCHEDULES
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.jobs import DID, Doer, did, enqueued, rows
from tests.support.timing import DEADLINE, HANG_SECONDS, MOMENT, no_hang, settings_for
from workers import jobs, run_jobs


@pytest.fixture(params=["", pytest.param(REDIS_URL, marks=pytest.mark.skipif(not REDIS, reason="Redis"), id="redis")])
async def worker(request: pytest.FixtureRequest, resources: Resources) -> AsyncGenerator[Resources]:
    """Provides the resources of a worker with one of the queues."""
    name = f"test-{secrets.token_hex(6)}"
    settings = settings_for(
        resources.settings.database_url,
        queue_url=request.param,
        queue_name=name,
        job_pause=0.01,
        drain_seconds=DEADLINE,
    )
    queue = open_queue(settings)
    await resources.database.fetch(DID)
    yield replace(resources, settings=settings, queue=queue)
    await queue.close()


@asynccontextmanager
async def working(resources: Resources, handlers: Handlers) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(run_jobs(resources, {**{name: Doer() for name in SCHEDULES}, **handlers}))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=HANG_SECONDS)
    assert task.cancelled()


async def nothing_is_left(resources: Resources) -> None:
    async with no_hang():
        while await rows(resources, "jobs"):  # noqa: ASYNC110 - a table is watched
            await asyncio.sleep(0.01)


async def test_jobs_are_done_once_each_as_they_come_and_those_that_fail_later(worker: Resources) -> None:
    handlers = {"do": Doer(failures=5)}
    async with working(worker, handlers):
        for first in range(0, 60, 20):
            await enqueued(worker, *range(first + 1, first + 21))
            worker.bus.wake(topics.JOBS)
        await nothing_is_left(worker)
    done = [event for event, _ in await did(worker) if event <= 60]
    assert done == list(range(1, 61))
    assert await rows(worker, "dead_jobs") == []


async def test_a_job_in_parts_goes_on_at_once(worker: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that the next part does not wait for the next poll of the dispatcher."""
    monkeypatch.setattr(jobs, "_POLL_SECONDS", 3600.0)
    doer = Doer(parts=30)
    async with working(worker, {"do": doer}):
        await enqueued(worker, 1)
        worker.bus.wake(topics.JOBS)
        await nothing_is_left(worker)
    assert len(doer.seen) == 30


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_while_redis_is_silent_jobs_wait_and_none_is_lost(resources: Resources) -> None:
    url, doer = urlsplit(REDIS_URL), Doer()
    await resources.database.fetch(DID)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        settings = settings_for(
            resources.settings.database_url,
            queue_url=url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl(),
            queue_name=f"test-{secrets.token_hex(6)}",
            queue_deadline=0.5,
            work_deadline=0.5,
        )
        queue = open_queue(settings)
        worker = replace(resources, settings=settings, queue=queue)
        async with working(worker, {"do": doer}):
            await enqueued(worker, 1)
            worker.bus.wake(topics.JOBS)
            await nothing_is_left(worker)
            proxy.silence()
            await enqueued(worker, 2, 3)
            worker.bus.wake(topics.JOBS)
            await asyncio.sleep(1.5)
            assert [event for event, _ in await did(worker) if event < 10] == [1]
            proxy.talk()
            await nothing_is_left(worker)
        await queue.close()
    assert [event for event, _ in await did(resources) if event < 10] == [1, 2, 3]


async def test_what_is_regular_is_done_without_being_asked(worker: Resources) -> None:
    sweeping = Doer()
    async with working(worker, {"forget_old": sweeping}):
        async with no_hang():
            while not sweeping.seen:  # noqa: ASYNC110 - a list is watched
                await asyncio.sleep(0.01)
        await nothing_is_left(worker)
    assert [(job.key.owner_id, job.data) for job in sweeping.seen] == [(0, {})]


async def test_a_worker_that_is_told_to_stop_ends_what_it_does_and_begins_nothing(worker: Resources) -> None:
    begun = asyncio.Event()

    async def slow(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
        begun.set()
        await asyncio.sleep(1)
        return await Doer()(work, resources, job)

    async with working(worker, {"do": slow}) as task:
        await nothing_is_left(worker)
        await enqueued(worker, 1)
        worker.bus.wake(topics.JOBS)
        await asyncio.wait_for(begun.wait(), HANG_SECONDS)
        task.cancel()
        await asyncio.sleep(MOMENT)
        await enqueued(worker, 2)
        worker.bus.wake(topics.JOBS)
    assert (1, 1) in await did(worker)
    assert [row["event_id"] for row in await rows(worker, "jobs")] == [2]


async def test_the_loop_goes_on_after_failures(
    worker: Resources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    step, failures = Dispatcher.step, [Unavailable("gone"), LookupError("a fault of ours")]

    async def failing(self: Dispatcher, longest: float) -> float:
        if failures:
            raise failures.pop(0)
        return await step(self, longest)

    monkeypatch.setattr(Dispatcher, "step", failing)
    async with working(worker, {"do": Doer()}):
        await enqueued(worker, 1)
        worker.bus.wake(topics.JOBS)
        await nothing_is_left(worker)
    messages = [record.message for record in caplog.records if record.name in ("workers.jobs", "core.background")]
    assert messages == ["the dispatcher waits: gone", "a background task has failed: dispatcher"]
