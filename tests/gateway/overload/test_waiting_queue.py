"""Tests the queue in front of the executions, beside a model of it."""

import asyncio
import random

import pytest

from gateway.overload.priorities import Priority
from gateway.overload.waiting_queue import BURST_SECONDS, Waiter, WaitingQueue

WAIT = 0.25


@pytest.fixture(name="queue")
def small_queue() -> WaitingQueue:
    return WaitingQueue(size=2, wait_seconds=WAIT)


def waiter(priority: Priority, since: float = 0.0) -> Waiter:
    return Waiter(asyncio.get_running_loop().create_future(), priority, ("", ""), since)


async def test_higher_priorities_leave_first_and_equal_ones_in_their_order() -> None:
    queue = WaitingQueue(size=10, wait_seconds=WAIT)
    order = [Priority.READ, Priority.PREFETCH, Priority.MONEY, Priority.READ, Priority.SEARCH, Priority.WRITE]
    added = [waiter(priority) for priority in order]
    for each in added:
        assert queue.add(each) is None
    assert [queue.take() for _ in added] == [added[place] for place in (2, 5, 0, 3, 4, 1)]
    assert queue.take() is None


async def test_a_full_queue_admits_only_what_displaces_a_lower_priority(queue: WaitingQueue) -> None:
    first, second = waiter(Priority.SEARCH), waiter(Priority.SEARCH)
    queue.add(first)
    queue.add(second)
    assert [priority for priority in Priority if queue.may_enter(priority)] == [
        Priority.MONEY,
        Priority.WRITE,
        Priority.READ,
    ]
    assert queue.add(waiter(Priority.READ)) is second, "the last one of the lowest priority"
    assert queue.length == 2


async def test_a_queue_without_room_admits_nothing() -> None:
    assert not any(WaitingQueue(size=0, wait_seconds=WAIT).may_enter(priority) for priority in Priority)


async def test_a_burst_may_wait_twice_as_long_as_a_queue_that_persists(queue: WaitingQueue) -> None:
    early = waiter(Priority.READ, since=10.0)
    queue.add(early)
    assert list(queue.take_expired(10.0 + 2 * WAIT - 0.01)) == []
    assert list(queue.take_expired(10.0 + 2 * WAIT)) == [early]
    blocking, late = waiter(Priority.PREFETCH, since=20.0 + BURST_SECONDS), waiter(Priority.READ, since=20.0)
    queue.add(late)
    queue.add(blocking)
    queue.take()
    assert list(queue.take_expired(20.0 + BURST_SECONDS + WAIT - 0.01)) == []
    assert list(queue.take_expired(20.0 + BURST_SECONDS + WAIT)) == [blocking]


async def test_a_queue_that_was_empty_is_a_burst_again(queue: WaitingQueue) -> None:
    queue.add(waiter(Priority.READ, since=0.0))
    queue.take()
    queue.add(late := waiter(Priority.READ, since=50.0))
    assert list(queue.take_expired(50.0 + WAIT)) == []
    assert list(queue.take_expired(50.0 + 2 * WAIT)) == [late]


def last(waiters: list[Waiter]) -> Waiter:
    """Returns the last request of the lowest priority."""
    return max(waiters, key=lambda other: (other.priority, other.since))


def first(waiters: list[Waiter]) -> Waiter | None:
    """Returns the first request of the highest priority."""
    return min(waiters, key=lambda other: (other.priority, other.since), default=None)


@pytest.mark.parametrize("seed", range(20))
async def test_random_histories_agree_with_a_sorted_list(seed: int) -> None:
    """The model: a list of requests, sorted by priority and arrival."""
    chance, size = random.Random(seed), 5  # noqa: S311 - not for secrets
    queue, model, now = WaitingQueue(size, wait_seconds=WAIT), list[Waiter](), 0.0
    for _ in range(500):
        now += chance.random() * 0.1
        match chance.choice(["add", "add", "add", "take", "remove", "expire"]):
            case "add":
                each, is_full = waiter(chance.choice(list(Priority)), now), len(model) == size
                may_enter = not is_full or last(model).priority > each.priority
                assert queue.may_enter(each.priority) == may_enter
                if may_enter:
                    displaced = last(model) if is_full else None
                    assert queue.add(each) is displaced
                    model = [*(other for other in model if other is not displaced), each]
            case "take":
                expected = first(model)
                assert queue.take() is expected
                model = [other for other in model if other is not expected]
            case "remove" if model:
                queue.remove(gone := chance.choice(model))
                queue.remove(gone)
                model.remove(gone)
            case _:
                expired = list(queue.take_expired(now))
                assert all(each in model and now - each.since >= WAIT for each in expired)
                model = [other for other in model if other not in expired]
                assert all(now - other.since < 2 * WAIT for other in model)
        assert queue.length == len(model)
