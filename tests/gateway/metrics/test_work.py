"""Metrics of jobs and of the relay."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from core.settings import Settings
from services.relay import Relay
from tests.support.app import App
from tests.support.client import Client
from tests.support.jobs import DID, Doer, enqueued, run_all
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
    await enqueued(resources, 3, handler="of another release")
    await run_all(resources, {"parts": Doer(parts=3), "fail": Doer(failures=1)})
    samples = await page(working)
    found = {name: value for name, value in samples.items() if name.startswith("bff_job_attempts_total")}
    assert found == {
        'bff_job_attempts_total{handler="parts",outcome="continued"}': 2,
        'bff_job_attempts_total{handler="parts",outcome="done"}': 1,
        'bff_job_attempts_total{handler="fail",outcome="failed"}': 1,
        'bff_job_attempts_total{handler="fail",outcome="done"}': 1,
        'bff_job_attempts_total{handler="(unknown)",outcome="failed"}': 2,
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
