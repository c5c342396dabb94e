"""Metrics of jobs and of the relay."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.settings import Settings
from services.jobs import run_job
from services.jobs.job import Offer
from services.relay import Relay
from tests.support.app import App
from tests.support.client import Client
from tests.support.jobs import DID, Doer, enqueued, key_of, run_all
from tests.support.metrics import page, serving
from tests.support.relay import drained


@pytest.fixture
async def working(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(replace(settings, job_attempts=2, job_pause=0.01)) as client:
        await drained(client.resources)
        await client.resources.database.fetch("DELETE FROM jobs")
        yield client


async def test_jobs_count_by_handler_and_outcome(working: Client) -> None:
    resources = working.resources
    await resources.database.fetch(DID)
    await enqueued(resources, 1, handler="parts")
    await enqueued(resources, 2, handler="fail")
    await run_job(resources, {}, Offer(key_of(3, "of another release"), 0))
    await run_all(resources, {"parts": Doer(parts=3), "fail": Doer(failures=1)})
    samples = await page(working)
    found = {name: value for name, value in samples.items() if name.startswith("bff_job_attempts_total")}
    assert found == {
        'bff_job_attempts_total{handler="parts",outcome="continued"}': 2,
        'bff_job_attempts_total{handler="parts",outcome="done"}': 1,
        'bff_job_attempts_total{handler="fail",outcome="failed"}': 1,
        'bff_job_attempts_total{handler="fail",outcome="done"}': 1,
        'bff_job_attempts_total{handler="(unknown)",outcome="left"}': 1,
    }
    assert samples['bff_job_seconds_count{handler="parts"}'] == 3


async def test_the_relay_counts_batches_and_projected_events(working: Client) -> None:
    before = await page(working)
    app = App(working, "ben")
    for body in ("1", "2"):
        await app.publishes(body)
    resources = working.resources
    await drained(resources, Relay(resources))
    samples = await page(working)
    name = 'bff_relay_projected_events_total{type="PostPublished"}'
    assert samples[name] - before.get(name, 0) == 2
    moved = 'bff_relay_batches_total{outcome="moved"}'
    assert samples[moved] > before.get(moved, 0)


async def test_a_worker_says_how_long_work_of_a_newer_release_has_waited(working: Client) -> None:
    name = "bff_worker_unknown_seconds"
    samples = await page(working)
    assert (samples[f'{name}{{kind="event"}}'], samples[f'{name}{{kind="job"}}']) == (0, 0)
    work, now = working.resources.work, working.resources.clock()
    work.unknown_events = {0: now - timedelta(seconds=100), 3: now - timedelta(seconds=400)}
    work.unknown_job_at = now - timedelta(seconds=50)
    samples = await page(working)
    assert 400 <= samples[f'{name}{{kind="event"}}'] < 410
    assert 50 <= samples[f'{name}{{kind="job"}}'] < 60
