"""Events that the database is too slow for: each holds up its own partition alone, and not for ever."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.database import Queries
from core.errors import Unavailable
from events import Event
from services.event_log.log import partition_of
from services.relay import PartitionFilter, Progress, Relay, dead_events, measure_lag
from services.relay.projections import Projected, RecordedEvent
from services.relay.relay import pause_after
from services.resources import Resources
from tests.relay.test_relay import SAW, Recorder, publish, seen
from tests.support.relay import drained, step_of
from tests.support.timing import no_hang
from workers import run_relay

SLOW = 3
OTHERS = [author for author in range(2, 100) if partition_of(author) != partition_of(1)]
ERRORS = [Unavailable("the deadline has passed"), TimeoutError()]


class Slow(Recorder):
    """Fails at one post as a database does that does not answer in time."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error

    async def __call__(
        self, transaction: Queries, happened: Sequence[RecordedEvent[Event]], resources: Resources
    ) -> Projected:
        projected = await super().__call__(transaction, happened, resources)
        if self.error and SLOW in self.batches[-1]:
            raise self.error
        return projected


class Time:
    """Is a clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
async def time(resources: Resources) -> Time:
    await resources.database.fetch(SAW)
    return Time(resources.clock())


@pytest.fixture
def writes(resources: Resources, time: Time) -> Resources:
    settings = replace(resources.settings, relay_patience=60, relay_alarm_seconds=5)
    return replace(resources, clock=time, settings=settings)


@pytest.mark.parametrize("error", ERRORS)
async def test_an_event_that_the_database_is_too_slow_for_holds_up_its_own_partition_alone(
    writes: Resources, time: Time, error: Exception
) -> None:
    await publish(writes, 1, 2, SLOW, 4)
    for number, author in enumerate(OTHERS[:20], 10):
        await publish(writes, number, author=author)
    recorder = Slow(error)
    relay = Relay(writes, project=recorder)
    while len(await seen(writes)) < 22:
        assert await step_of(relay) in (Progress.MOVED, Progress.FAILED)
    assert sorted(await seen(writes)) == [1, 2, *range(10, 30)]
    assert await step_of(relay) is Progress.FAILED
    for _ in range(3):
        assert await relay.step() is Progress.WAITING
    assert await dead_events(writes.database, 10) == []
    assert (await measure_lag(writes.database, time.now)).stalled == 1
    recorder.error = None
    time.passes(1)
    await drained(writes, relay)
    assert sorted(await seen(writes)) == [1, 2, SLOW, 4, *range(10, 30)]
    assert (await measure_lag(writes.database, time.now)).stalled == 0


@pytest.mark.parametrize("error", ERRORS)
async def test_it_is_set_aside_when_the_pauses_are_as_long_as_the_setting_says_and_not_before(
    writes: Resources, time: Time, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(writes, SLOW, 4)
    recorder, pauses = Slow(error), list[float]()
    relay = Relay(writes, project=recorder)
    assert await step_of(relay) is Progress.FAILED
    with caplog.at_level(logging.WARNING, "services.relay"):
        while not await dead_events(writes.database, 10):
            assert await step_of(relay) is Progress.FAILED
            pauses.append(pause_after(len(pauses) + 1))
            if len(pauses) < 7:
                time.passes(pauses[-1] - 0.01)
                assert await relay.step() is Progress.WAITING
                time.passes(0.01)
    assert pauses == [1, 2, 4, 8, 16, 32, 60]
    assert recorder.batches == [[SLOW, 4], *[[SLOW]] * 7]
    levels = [record.levelname for record in caplog.records if "too slow" in record.message]
    assert levels == ["WARNING"] * 4 + ["ERROR"] * 3
    (dead,) = await dead_events(writes.database, 10)
    assert type(error).__name__ in dead.error
    await drained(writes, relay)
    assert await seen(writes) == [4]


async def test_the_attempts_are_kept_when_a_worker_is_started_again(writes: Resources, time: Time) -> None:
    await publish(writes, SLOW)
    for attempt in range(1, 8):
        assert await dead_events(writes.database, 10) == []
        assert await step_of(Relay(writes, project=Slow(ERRORS[0]))) is Progress.FAILED
        time.passes(pause_after(attempt))
    assert len(await dead_events(writes.database, 10)) == 1


async def test_partitions_in_trouble_are_left_to_a_relay_of_their_own(writes: Resources, time: Time) -> None:
    await publish(writes, SLOW)
    await publish(writes, 1, author=OTHERS[0])
    prompt = Relay(writes, project=Slow(ERRORS[0]), partition_filter=PartitionFilter.PROMPT)
    slow = Relay(writes, project=Recorder(), partition_filter=PartitionFilter.SLOW)
    assert await slow.step() is Progress.DONE
    assert {await step_of(prompt), await step_of(prompt)} == {Progress.MOVED, Progress.FAILED}
    assert await slow.step() is Progress.DONE
    time.passes(1)
    assert await prompt.step() is Progress.WAITING
    assert await step_of(slow) is Progress.MOVED
    assert await seen(writes) == [1, SLOW]


@pytest.mark.usefixtures("time")
async def test_partitions_take_turns_however_long_the_log_of_one_is(resources: Resources) -> None:
    await publish(resources, *range(100, 120))
    await publish(resources, 1, author=OTHERS[0])
    relay = Relay(resources, project=Recorder(), batch=2)
    for _ in range(2):
        assert await step_of(relay) is Progress.MOVED
    assert 1 in await seen(resources)
    await publish(resources, 2, author=OTHERS[0])
    for _ in range(2):
        assert await step_of(relay) is Progress.MOVED
    assert 2 in await seen(resources)


@pytest.mark.usefixtures("time")
async def test_a_worker_goes_on_with_the_others_while_an_event_takes_its_time(resources: Resources) -> None:
    if resources.settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite's transactions take turns")
    begun, recorder = asyncio.Event(), Recorder()
    failed = False

    async def hanging(transaction: Queries, happened: Sequence[RecordedEvent[Event]], given: Resources) -> Projected:
        nonlocal failed
        projected = await recorder(transaction, happened, given)
        if SLOW in recorder.batches[-1]:
            if failed:
                begun.set()
                await asyncio.Event().wait()
            failed = True
            raise TimeoutError
        return projected

    await publish(resources, SLOW)
    working = asyncio.create_task(run_relay(resources, hanging))
    try:
        async with no_hang():
            await begun.wait()
            for number, author in enumerate(OTHERS[:10], 10):
                await publish(resources, number, author=author)
            while sorted(await seen(resources)) != list(range(10, 20)):  # noqa: ASYNC110 - a table is watched
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.wait([working])
