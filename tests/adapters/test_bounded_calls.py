"""The bounds of calls of a server that sends messages."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.bounded import BoundedCalls
from adapters.breaker import FAILURES
from adapters.outcomes import Later, Outcome, Sent, ServerUnavailable
from tests.support.timing import DEADLINE, MOMENT, PASSING, no_hang

NO_TURN = Later(5, "no turn within half of the deadline")


async def sent() -> Outcome:
    return Sent()


async def hanging() -> Outcome:
    await asyncio.Event().wait()
    return Sent()


def answering(seconds: float) -> Callable[[], Awaitable[Outcome]]:
    async def call() -> Outcome:
        return Later(seconds, "later")

    return call


def unavailable(seconds: float) -> Callable[[], Awaitable[Outcome]]:
    async def call() -> Outcome:
        raise ServerUnavailable("later", seconds)

    return call


async def test_calls_that_get_no_turn_do_not_open_the_breaker() -> None:
    bounded, ended = BoundedCalls("server", PASSING, 1), asyncio.Event()

    async def busy() -> Outcome:
        await ended.wait()
        return Sent()

    async with no_hang():
        first = asyncio.create_task(bounded.outcome(busy))
        await asyncio.sleep(0)
        outcomes = await asyncio.gather(*(bounded.outcome(sent) for _ in range(2 * FAILURES)))
        ended.set()
        await first
        assert outcomes == [NO_TURN] * (2 * FAILURES)
        assert not bounded.breaker.is_open
        assert await bounded.outcome(sent) == Sent()
    assert bounded.statistics.outcomes["not_called"] == 2 * FAILURES
    assert bounded.statistics.calls == 2, "calls without a turn are in no duration"


async def test_a_turn_that_ends_goes_to_a_call_that_waits() -> None:
    bounded = BoundedCalls("server", DEADLINE, 1)
    async with no_hang():
        first = asyncio.create_task(bounded.outcome(hanging))
        await asyncio.sleep(0)
        second = asyncio.create_task(bounded.outcome(sent))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == Sent()


async def test_calls_that_get_no_answer_open_the_breaker() -> None:
    bounded = BoundedCalls("server", MOMENT, 1)
    async with no_hang():
        for _ in range(FAILURES):
            assert await bounded.outcome(hanging) == Later(5, "no answer within the deadline")
    assert bounded.breaker.is_open


@pytest.mark.parametrize("call", [answering, unavailable])
@pytest.mark.parametrize(
    ("asked", "pause"), [(-5, 1), (0, 1), (1, 1), (60, 60), (3600, 3600), (3601, 3600), (1e12, 3600)]
)
async def test_every_pause_is_within_bounds(
    call: Callable[[float], Callable[[], Awaitable[Outcome]]], asked: float, pause: float
) -> None:
    assert await BoundedCalls("server", DEADLINE, 1).outcome(call(asked)) == Later(pause, "later")
