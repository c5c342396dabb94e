"""The page of `make bench-floor` says which goals a run reaches."""

import pytest

from bench.cases import Measured
from bench.floor.contenders import BARE, MERCURIUS, OURS
from bench.floor.goals import GOALS, goals
from bench.load import Sample


def measured(requests_per_second: float, cpu_ms: float) -> Measured:
    """Returns samples whose medians are the given values."""
    samples = [
        Sample(1, requests_per_second * factor, 1.0, 2.0, cpu_ms * factor, 0.0, 1.0, 1.0) for factor in (0.5, 1.0, 3.0)
    ]
    return Measured(200, samples=samples)


@pytest.mark.parametrize(
    ("own", "lines"),
    [
        (
            (1150.0, 0.9),
            [
                "| Home: at least 1.15 times the requests/s of Mercurius | 1.15 | reached |",
                "| Home: at most 0.9 times the CPU of Mercurius | 0.90 | reached |",
            ],
        ),
        (
            (1140.0, 0.91),
            [
                "| Home: at least 1.15 times the requests/s of Mercurius | 1.14 | **not reached** |",
                "| Home: at most 0.9 times the CPU of Mercurius | 0.91 | **not reached** |",
            ],
        ),
    ],
)
def test_a_goal_is_reached_or_not(own: tuple[float, float], lines: list[str]) -> None:
    page = list(goals({"home": {OURS: measured(*own), MERCURIUS: measured(1000.0, 1.0)}}))
    assert page == ["## Goals", "", "| goal | measured | |", "|---|---|---|", *lines, ""]


def test_only_goals_of_measured_operations_are_shown() -> None:
    results = {"typename": {OURS: measured(1.0, 2.01), BARE: measured(1.0, 1.0)}, "search": {OURS: measured(1.0, 1.0)}}
    page = [line for line in goals(results) if "times" in line]
    assert page == [
        "| `{__typename}`: at most 2.0 times the CPU of bare uvicorn, same bytes | 2.01 | **not reached** |"
    ]
    assert list(goals({"search": results["search"]})) == []
    assert {goal.operation for goal in GOALS} == {"home", "typename", "handle"}
