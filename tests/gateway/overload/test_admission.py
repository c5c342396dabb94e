"""Tests which executions begin, wait and are shed, with a given time."""

import asyncio
import logging
from collections.abc import Awaitable

import pytest

from core.deadlines import ending_within
from gateway.errors.request_error import RequestError
from gateway.overload.admission import MAX_RETRY_SECONDS, MIN_RETRY_SECONDS, Admission, Place
from gateway.overload.concurrency_limit import ConcurrencyLimit
from gateway.overload.priorities import Priority
from gateway.overload.waiting_queue import WaitingQueue
from tests.support.timing import MOMENT, no_hang

SHAPE = ("hash", "Home")
LONG = 3600.0
"""Longer than any test takes, so that the event loop's own clock sheds nothing."""


class Limited:
    """An admission with a limit that does not change, and a time that a test sets."""

    def __init__(self, limit: int = 1, *, queue: int = 10, wait_seconds: float = LONG, stalls: int = 0) -> None:
        self.now = 1000.0
        self.admission = Admission(ConcurrencyLimit(limit, limit), WaitingQueue(queue, wait_seconds), lambda: self.now)

        self.admission._max_stalled = stalls

    async def enter(self, priority: Priority = Priority.READ, shape: tuple[str, str] = SHAPE) -> Place:
        return await self.admission.enter(shape, priority)

    async def waiting(self, priority: Priority = Priority.READ) -> "asyncio.Task[Place]":
        """Returns the task of an execution that waits for a place."""
        before = self.admission.waiting
        task = asyncio.create_task(self.enter(priority))
        await asyncio.sleep(0)
        assert self.admission.waiting == before + 1
        return task

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.admission.running, self.admission.waiting, self.admission.stalled


async def rejected(entering: Awaitable[Place]) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await entering
    return caught.value


async def test_an_execution_begins_at_once_while_there_is_a_place() -> None:
    limited = Limited(2)
    places = [await limited.enter(), await limited.enter()]
    assert limited.counts == (2, 0, 0)
    for place in places:
        place.leave()
        place.leave()
    assert limited.counts == (0, 0, 0)


async def test_a_place_goes_to_the_highest_priority_that_waits() -> None:
    limited = Limited()
    place, begun = await limited.enter(), list[Priority]()

    async def run(priority: Priority) -> None:
        own = await limited.enter(priority)
        begun.append(priority)
        own.leave()

    tasks = [asyncio.create_task(run(priority)) for priority in reversed(Priority)]
    await asyncio.sleep(0)
    assert limited.counts == (1, 5, 0)
    place.leave()
    await asyncio.gather(*tasks)
    assert begun == list(Priority)
    assert limited.counts == (0, 0, 0)


async def test_what_finds_the_queue_full_is_shed_with_a_random_pause() -> None:
    limited = Limited(queue=0)
    place = await limited.enter()
    errors = [await rejected(limited.enter(Priority.SEARCH)) for _ in range(20)]
    place.leave()
    pauses = [error.errors[0]["extensions"]["retryAfter"] for error in errors]
    assert all(MIN_RETRY_SECONDS <= pause <= MAX_RETRY_SECONDS for pause in pauses)
    assert len(set(pauses)) > 1
    extensions = errors[0].errors[0]["extensions"]
    assert (errors[0].status, extensions["code"], extensions["retryable"]) == (503, "OVERLOADED", True)
    assert limited.admission.shed == {**dict.fromkeys(Priority, 0), Priority.SEARCH: 20}


async def test_a_higher_priority_displaces_a_lower_one_that_waits() -> None:
    limited = Limited(queue=1)
    place = await limited.enter()
    prefetch = await limited.waiting(Priority.PREFETCH)
    money = asyncio.create_task(limited.enter(Priority.MONEY))
    await rejected(prefetch)
    await rejected(limited.enter(Priority.WRITE))
    place.leave()
    (await money).leave()
    assert limited.counts == (0, 0, 0)
    assert {priority for priority, times in limited.admission.shed.items() if times} == {
        Priority.PREFETCH,
        Priority.WRITE,
    }


async def test_what_has_waited_too_long_is_shed_when_a_place_is_free() -> None:
    limited = Limited(wait_seconds=60.0)
    place = await limited.enter()
    early = await limited.waiting(Priority.MONEY)
    limited.now += 59.0
    late = await limited.waiting(Priority.PREFETCH)
    limited.now += 1.0
    place.leave()
    await rejected(early)
    (await late).leave()
    assert limited.counts == (0, 0, 0)


async def test_what_has_waited_too_long_is_shed_while_nothing_ends() -> None:
    limited = Limited(wait_seconds=0.04)
    place = await limited.enter()
    task = await limited.waiting()
    limited.now += 0.1
    await rejected(task)
    assert limited.counts == (1, 0, 0)
    place.leave()


async def test_what_waits_is_shed_at_the_deadline_of_its_request() -> None:
    limited = Limited()
    place = await limited.enter()
    patient = await limited.waiting()
    with ending_within(MOMENT):
        hurried = await limited.waiting(Priority.MONEY)
    async with no_hang():
        error = await rejected(hurried)
    assert error.errors[0]["extensions"]["code"] == "OVERLOADED"
    assert limited.counts == (1, 1, 0), "others wait"
    assert limited.admission.shed[Priority.MONEY] == 1
    place.leave()
    (await patient).leave()
    assert limited.counts == (0, 0, 0)


async def test_a_place_that_is_free_at_the_deadline_is_not_used() -> None:
    limited = Limited()
    place = await limited.enter()
    with ending_within(0):
        late = await limited.waiting()
    place.leave()
    assert limited.counts == (1, 0, 0), "it was given a place at the last moment"
    await rejected(late)
    assert limited.counts == (0, 0, 0)


async def test_a_request_that_gets_a_place_before_its_deadline_keeps_it() -> None:
    limited = Limited()
    place = await limited.enter()
    with ending_within(LONG):
        waiting = await limited.waiting()
    place.leave()
    (await waiting).leave()
    assert limited.counts == (0, 0, 0)


async def test_a_client_that_disconnects_leaves_the_queue() -> None:
    limited = Limited()
    place = await limited.enter()
    task = await limited.waiting()
    task.cancel()
    await asyncio.wait([task])
    assert limited.counts == (1, 0, 0)
    place.leave()
    assert limited.counts == (0, 0, 0)


async def test_a_client_that_disconnects_when_it_has_just_got_a_place_gives_it_back() -> None:
    limited = Limited()
    place = await limited.enter()
    first, second = await limited.waiting(), await limited.waiting()
    place.leave()
    first.cancel()
    (await second).leave()
    assert first.cancelled() or (await asyncio.wait([first]) and first.cancelled())
    assert limited.counts == (0, 0, 0)


async def test_a_place_is_not_given_to_a_client_that_disconnects_at_the_same_moment() -> None:
    limited = Limited()
    place = await limited.enter()
    first, second = await limited.waiting(), await limited.waiting()
    first.cancel()
    place.leave()
    (await second).leave()
    assert limited.counts == (0, 0, 0)


async def test_an_execution_that_stalls_gives_its_place_back_and_is_bounded() -> None:
    limited = Limited(stalls=1)
    hanging = await limited.enter()
    limited.now += 1.0
    other = await limited.enter()
    assert limited.counts == (1, 0, 1)
    limited.now += 1.0
    third = await limited.waiting()
    assert limited.counts == (1, 1, 1), "no more can stall"
    limited.admission.record(hanging)
    hanging.leave()
    assert limited.admission.limit.load == 1.0
    other.leave()
    (await third).leave()
    assert limited.counts == (0, 0, 0)


@pytest.mark.parametrize(("others", "stalled"), [(9, 0), (10, 1)])
async def test_a_known_operation_stalls_after_a_multiple_of_its_latency_if_others_end(
    others: int, stalled: int
) -> None:
    """If few others end, all may have become slower."""
    limited = Limited(2, stalls=1)

    async def run(times: int) -> None:
        for _ in range(times):
            place = await limited.enter()
            limited.now += 0.005
            limited.admission.record(place)
            place.leave()

    await run(20)
    hanging = await limited.enter()
    await run(others)
    limited.now = hanging.begun + 0.17
    running = await limited.enter()
    waiting = asyncio.create_task(limited.enter())
    await asyncio.sleep(0)
    assert limited.counts == (2, 1 - stalled, stalled)
    running.leave()
    (await waiting).leave()
    hanging.leave()
    assert limited.counts == (0, 0, 0)


async def test_the_limit_follows_latencies_beside_those_of_the_same_operation() -> None:
    """Operations that take 1 ms and 10 ms are both usual, and both are twelve times as slow later."""
    limited = Limited()
    limited.admission.limit = limit = ConcurrencyLimit(2, 50)

    async def run(factor: float) -> None:
        for shape, seconds in ((("a", ""), 0.001), (("b", ""), 0.01)) * 60:
            places = [await limited.enter(shape=shape) for _ in range(limit.value)]
            limited.now += seconds * factor
            for place in places:
                limited.admission.record(place)
                place.leave()

    await run(1.0)
    grown = limit.value
    assert (limit.load, grown > 2) == (pytest.approx(1.0), True)
    await run(12.0)
    assert 5 < limit.load <= 12
    assert limit.value < grown


async def test_shedding_is_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    limited = Limited(queue=0)
    place = await limited.enter()
    with caplog.at_level(logging.INFO, "gateway.overload"):
        for _ in range(5):
            await rejected(limited.enter())
        limited.now += 10.0
        await rejected(limited.enter())
    place.leave()
    assert [vars(record)["shed"] for record in caplog.records] == [1, 5]
    assert {record.levelname for record in caplog.records} == {"WARNING"}
