"""Tests the rule of the limit of executions, with given latencies and a given time."""

import pytest

from gateway.overload.concurrency_limit import MIN_SAMPLES, WINDOW_SECONDS, ConcurrencyLimit


class Windows:
    """Records windows of equal latencies, one after the other."""

    def __init__(self, minimum: int = 4, maximum: int = 100) -> None:
        self.limit = ConcurrencyLimit(minimum, maximum)
        self.now = 0.0

    def pass_one(self, relative_latency: float, running: int | None = None) -> int:
        """Ends a window in which so many executions ran, by default as many as the limit permits."""
        self.limit.note_running(self.limit.value if running is None else running)
        self.now += WINDOW_SECONDS
        for _ in range(MIN_SAMPLES):
            self.limit.record(relative_latency, self.now)
        return self.limit.value


def test_the_limit_grows_by_half_of_its_square_root_while_latencies_are_usual() -> None:
    windows = Windows(minimum=16)
    assert [windows.pass_one(1.0) for _ in range(4)] == [18, 20, 22, 24]
    assert windows.limit.load == 1.0


def test_the_limit_shrinks_with_the_gradient_and_not_below_its_minimum() -> None:
    windows = Windows(minimum=4, maximum=64)
    while windows.limit.value < 64:
        windows.pass_one(1.0)
    assert [windows.pass_one(4.0) for _ in range(4)] == [52, 42, 35, 29]
    for _ in range(30):
        windows.pass_one(1000.0)
    assert windows.limit.value == 4


def test_the_limit_settles_where_the_gradient_and_the_square_root_are_equal() -> None:
    """With limit 9, the square root is a third of it: latencies of three times the usual one give two thirds of it."""
    windows = Windows()
    for _ in range(200):
        windows.pass_one(3.0)
    assert windows.limit.value in {8, 9}


def test_the_limit_does_not_exceed_its_maximum() -> None:
    windows = Windows(minimum=4, maximum=10)
    assert max(windows.pass_one(1.0) for _ in range(50)) == 10


@pytest.mark.parametrize(("latency", "running", "expected"), [(1.0, 15, 16), (1.0, 16, 18), (8.0, 7, 16), (8.0, 8, 14)])
def test_a_limit_that_is_not_in_use_does_not_change(latency: float, running: int, expected: int) -> None:
    windows = Windows(minimum=16)
    windows.limit.minimum = 4
    assert windows.pass_one(latency, running) == expected


def test_a_few_slow_executions_do_not_change_the_limit() -> None:
    limit = ConcurrencyLimit(16, 100)
    limit.note_running(16)
    for latency in [1.0] * 6 + [5000.0] * 4:
        limit.record(latency, WINDOW_SECONDS)
    assert (limit.load, limit.value) == (1.0, 18)


def test_a_window_has_a_minimum_of_time_and_of_executions() -> None:
    windows = Windows(minimum=16)
    windows.pass_one(1.0)
    windows.limit.note_running(18)
    for _ in range(3 * MIN_SAMPLES):
        windows.limit.record(1.0, windows.now + WINDOW_SECONDS / 2)
    assert windows.limit.value == 18, "too early"
    windows.limit.record(1.0, windows.now + WINDOW_SECONDS)
    assert windows.limit.value == 20
    windows.limit.note_running(20)
    for _ in range(MIN_SAMPLES - 1):
        windows.limit.record(1.0, windows.now + 100)
    assert windows.limit.value == 20, "too few"
