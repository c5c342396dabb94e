"""Tests the latencies with which later ones are compared."""

import pytest

from gateway.overload.baselines import Baseline, Baselines


def learnt(*seconds: float) -> float:
    baseline = Baseline()
    baseline.start(seconds[0])
    for each in seconds[1:]:
        baseline.learn(each)
    return baseline.seconds


def test_a_baseline_is_the_average() -> None:
    assert learnt(0.004, 0.006, 0.005) == pytest.approx(0.005)


def test_a_pause_counts_as_four_times_the_baseline() -> None:
    assert learnt(0.01, 60.0) == pytest.approx((0.01 + 0.04) / 2)


def test_a_baseline_follows_an_operation_that_has_become_slower() -> None:
    seconds = learnt(*[0.01] * 500, *[0.05] * 1000)
    assert seconds == pytest.approx(0.05, rel=0.01)


def test_the_operations_that_were_executed_last_are_kept() -> None:
    baselines = Baselines(max_shapes=2)
    first = baselines.of("first")
    baselines.of("second")
    assert baselines.of("first") is first
    baselines.of("third")
    assert (len(baselines), baselines.of("first") is first) == (2, True)
