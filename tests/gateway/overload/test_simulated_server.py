"""Tests the limit on a simulated server: goodput, latencies and priorities with more load than it can carry."""

import pytest

from gateway.overload.priorities import Priority
from tests.gateway.overload.support.simulated_server import SimulatedServer, VirtualLoop, simulate

FACTOR = 4


def test_four_times_the_load_costs_less_than_a_fifth_of_the_goodput() -> None:
    async def scenario(loop: VirtualLoop) -> None:
        peak = await SimulatedServer(loop, is_limited=False).closed_loop(2.0)
        limited, unlimited = (SimulatedServer(loop, is_limited=is_limited) for is_limited in (True, False))
        assert await limited.closed_loop(2.0) > 0.95 * peak
        await limited.open_loop(FACTOR * peak, 4.0)
        assert limited.rate("good", 4.0) > 0.8 * peak
        assert (limited.p99 < 1.0, limited.rate("late", 4.0)) == (True, 0.0)
        assert [round(limited.share(priority), 1) for priority in Priority] == [1.0, 1.0, 0.3, 0.0, 0.0]
        await unlimited.open_loop(FACTOR * peak, 2.0)
        assert unlimited.rate("good", 2.0) < 0.5 * peak

    simulate(scenario)


def test_a_process_without_history_limits_itself_too() -> None:
    async def scenario(loop: VirtualLoop) -> None:
        server = SimulatedServer(loop, is_limited=True)
        await server.open_loop(1600, 3.0)
        assert (server.rate("late", 3.0), server.p99 < 1.0, server.rate("good", 3.0) > 320) == (0.0, True, True)

    simulate(scenario)


def test_a_machine_that_becomes_three_times_slower_still_answers_in_time() -> None:
    async def scenario(loop: VirtualLoop) -> None:
        server = SimulatedServer(loop, is_limited=True)
        await server.closed_loop(2.0)
        server.slowness = 3.0
        await server.open_loop(600, 3.0)
        assert (server.rate("late", 3.0), server.p99 < 1.0, server.rate("good", 3.0) > 100) == (0.0, True, True)

    simulate(scenario)


@pytest.mark.parametrize("hanging", [0.1, 0.3])
def test_executions_that_hang_do_not_have_others_shed(hanging: float) -> None:
    async def scenario(loop: VirtualLoop) -> None:
        server = SimulatedServer(loop, is_limited=True)
        await server.open_loop(100, 3.0)
        server.hanging = hanging
        await server.open_loop(100, 6.0)
        assert (server.rate("shed", 6.0), server.rate("late", 6.0), server.p99 < 0.1) == (0.0, 0.0, True)
        assert server.admission is not None
        assert (server.admission.running, server.admission.stalled) == (0, 0)

    simulate(scenario)


def test_bursts_are_executed_and_not_shed() -> None:
    async def scenario(loop: VirtualLoop) -> None:
        server = SimulatedServer(loop, is_limited=True)
        await server.closed_loop(1.0)
        for _ in range(5):
            await server.open_loop(5000, 0.02)
            assert server.rate("shed", 1.0) == 0.0

    simulate(scenario)
