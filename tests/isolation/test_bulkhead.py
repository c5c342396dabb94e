"""Places of a bulkhead, and its circuit breaker."""

import asyncio

import pytest

from adapters.breaker import FAILURES, FIRST_PAUSE_SECONDS, Breaker
from adapters.database.bulkhead import Bulkhead
from tests.support.timing import HANG_SECONDS, MOMENT, no_hang

READ, OTHER = "SELECT 1", "SELECT 2"


async def test_those_that_wait_get_places_in_their_order() -> None:
    bulkhead, order = Bulkhead(1), list[int]()

    async def take(number: int) -> None:
        await bulkhead.wait(READ, HANG_SECONDS)
        order.append(number)
        bulkhead.leave(READ)

    await bulkhead.wait(READ, HANG_SECONDS)
    waiting = [asyncio.create_task(take(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert (bulkhead.in_use, bulkhead.waiting) == (1, 3)
    bulkhead.leave(READ)
    await asyncio.gather(*waiting)
    assert (order, bulkhead.free, bulkhead.waiting) == ([0, 1, 2], 1, 0)


async def test_a_place_is_not_lost_when_its_waiter_is_cancelled() -> None:
    bulkhead = Bulkhead(1)
    await bulkhead.wait(READ, HANG_SECONDS)
    before, after = (asyncio.create_task(bulkhead.wait(READ, HANG_SECONDS)) for _ in range(2))
    await asyncio.sleep(0)
    before.cancel()
    await asyncio.wait([before])
    bulkhead.leave(READ)  # the place is on its way to the second one when that is cancelled
    after.cancel()
    await asyncio.wait([after])
    assert (bulkhead.free, bulkhead.waiting) == (1, 0)


async def test_those_that_wait_are_rejected_when_their_time_is_over() -> None:
    bulkhead = Bulkhead(1)
    await bulkhead.wait(READ, HANG_SECONDS)
    with pytest.raises(TimeoutError):
        await bulkhead.wait(READ, MOMENT / 10)
    assert (bulkhead.free, bulkhead.waiting) == (0, 0)


async def test_those_that_wait_are_rejected_when_the_breaker_opens() -> None:
    bulkhead = Bulkhead(1)
    await bulkhead.wait(READ, HANG_SECONDS)
    waiting = [asyncio.create_task(bulkhead.wait(READ, HANG_SECONDS)) for _ in range(2)]
    other = asyncio.create_task(bulkhead.wait(OTHER, HANG_SECONDS))
    await asyncio.sleep(0)
    for _ in range(FAILURES):
        bulkhead.record_failure(READ)
    async with no_hang():
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError, TimeoutError]
    bulkhead.leave(READ)
    await other
    assert (bulkhead.free, bulkhead.waiting) == (0, 0)


def test_a_trial_that_hangs_does_not_delay_the_next_one() -> None:
    now = 0.0
    bulkhead = Bulkhead(5)
    bulkhead.failing[READ] = Breaker(lambda: now)
    for _ in range(FAILURES):
        bulkhead.record_failure(READ)
    begun: list[float] = []
    for tick in range(50):
        now = tick / 10
        if tick % 15 == 14:
            bulkhead.record_failure(READ)  # a trial ends late
        if bulkhead.permits(READ):
            begun.append(now)
    assert begun == [FIRST_PAUSE_SECONDS * number for number in range(1, 5)]
    assert bulkhead.open_breakers == 1
    bulkhead.record_success(READ)
    assert (bulkhead.permits(READ), bulkhead.open_breakers) == (True, 0)


def test_statements_of_a_feature_that_do_not_fail_continue() -> None:
    bulkhead = Bulkhead(5)
    for _ in range(FAILURES):
        bulkhead.record_failure(READ)
        bulkhead.record_success(OTHER)
    assert (bulkhead.permits(READ), bulkhead.permits(OTHER)) == (False, True)


def test_a_trial_needs_a_place() -> None:
    bulkhead = Bulkhead(1)
    bulkhead.failing[READ] = Breaker(lambda: 0.0)
    for _ in range(FAILURES):
        bulkhead.record_failure(READ)
    bulkhead.failing[READ]._trial_at = 0.0
    bulkhead.free = 0
    assert not bulkhead.permits(READ)
    bulkhead.free = 1
    assert bulkhead.permits(READ)


async def test_equal_statements_leave_a_place_to_others() -> None:
    bulkhead = Bulkhead(3)
    assert [bulkhead.begin(READ) for _ in range(3)] == [True, True, False]
    waiting = asyncio.create_task(bulkhead.wait(READ, HANG_SECONDS))
    await asyncio.sleep(0)
    assert (bulkhead.free, bulkhead.waiting) == (1, 1)
    assert bulkhead.begin(OTHER)
    bulkhead.leave(OTHER)
    assert (bulkhead.free, bulkhead.waiting) == (1, 1)
    bulkhead.leave(READ)
    await waiting
    assert (bulkhead.free, bulkhead.in_use, bulkhead.waiting) == (1, 2, 0)
