"""The loop of workers that maintains partitions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from services.maintenance.retention import RETENTION_KINDS, forget
from services.resources import Resources
from tests.support.partitions import apply, filled, partitions
from tests.support.relay import drained
from tests.support.timing import no_hang
from workers import run_jobs


@asynccontextmanager
async def working(resources: Resources) -> AsyncGenerator[None]:
    task = asyncio.create_task(run_jobs(resources))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_workers_create_the_next_partition(resources: Resources) -> None:
    await apply(resources, "event_log")
    first, second, last = await partitions(resources)
    fetch = resources.database.fetch
    await fetch(f"DROP TABLE {second.name}, {last.name}")
    async with working(resources), no_hang():
        while len(await partitions(resources)) < 3:  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.05)
    found = await partitions(resources)
    assert found[0] == first
    assert found[-1].high is None


async def test_transactions_delay_the_loop_of_partitions_and_not_the_job_of_retention(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.maintenance.partitions.changes.DETACH_SECONDS", 0.5)
    names = await filled(resources)
    await drained(resources)
    old = resources.clock() - timedelta(days=365)
    await resources.database.fetch("UPDATE event_log SET occurred_at = $1", old)
    before = await partitions(resources)
    async with resources.database.transaction() as held:
        await held.fetch("SELECT id FROM event_log LIMIT 1")
        await forget(resources, RETENTION_KINDS, 5)
        assert await partitions(resources) == before
    async with working(resources), no_hang():
        while names[1] in [each.name for each in await partitions(resources)]:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def test_a_failed_round_is_counted_and_the_next_one_follows(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, again = list[int](), asyncio.Event()

    async def fail(_resources: Resources, _now: datetime) -> None:
        rounds.append(1)
        if len(rounds) > 2:
            again.set()
        raise LookupError("unexpected")

    monkeypatch.setattr("workers.partitions.maintain_partitions", fail)
    monkeypatch.setattr("workers.partitions._EVERY_SECONDS", 0.01)
    async with working(resources), no_hang():
        await again.wait()
    assert resources.background.failures["partitions"] >= 2
