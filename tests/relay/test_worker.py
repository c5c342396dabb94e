"""Tests the relay's loop."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from core.errors import Unavailable
from events import PostPublished
from services.relay import Relay, measure_lag
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.timing import no_hang
from workers import run_relay


@asynccontextmanager
async def running(resources: Resources) -> AsyncGenerator[None]:
    task = asyncio.create_task(run_relay(resources))
    yield
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def publish(resources: Resources, number: int) -> None:
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=number))


async def nothing_waits(resources: Resources) -> None:
    async with no_hang():
        while (await measure_lag(resources.database, resources.clock())).events:  # noqa: ASYNC110 - a table is watched
            await asyncio.sleep(0.005)


async def test_what_is_emitted_is_projected_without_being_asked(resources: Resources) -> None:
    async with running(resources):
        for number in range(3):
            await publish(resources, number)
            await nothing_waits(resources)


async def test_the_loop_goes_on_when_the_database_is_back_and_when_a_step_fails(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    step, failures = Relay.step, [Unavailable("gone"), LookupError("a fault of ours")]

    async def failing(self: Relay) -> object:
        if failures:
            raise failures.pop(0)
        return await step(self)

    monkeypatch.setattr(Relay, "step", failing)
    with caplog.at_level(logging.WARNING):
        async with running(resources):
            await publish(resources, 1)
            await nothing_waits(resources)
    messages = [record.message for record in caplog.records]
    assert messages == ["the relay waits for the database: gone", "a background task has failed: relay"]


async def test_an_event_that_waits_too_long_raises_the_alarm(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(resources, 1)
    old = resources.clock() - timedelta(minutes=5)
    await resources.database.fetch("UPDATE event_log SET occurred_at = $1", old)
    with caplog.at_level(logging.ERROR):
        async with running(resources):
            await nothing_waits(resources)
    (record,) = caplog.records
    assert record.message == "the relay is behind"
    assert 300 <= record.__dict__["seconds"] < 310
    assert record.__dict__["events"] == 1
