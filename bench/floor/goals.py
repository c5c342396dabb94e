"""The goals, and whether a run reaches them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.cases import Measured
from bench.floor.contenders import BARE, MERCURIUS, OURS
from bench.floor.operations import TITLES
from bench.load import Sample
from bench.tables import cpu, rate, ratio_of


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit of the ratio of ours to another contender: the least for requests/s, the most for CPU."""

    operation: str
    other: str
    limit: float
    of_cpu: bool

    @property
    def text(self) -> str:
        what, bound = ("CPU", "at most") if self.of_cpu else ("requests/s", "at least")
        return f"{TITLES[self.operation]}: {bound} {self.limit} times the {what} of {self.other}"

    def ratio(self, measured: Mapping[str, Measured]) -> float:
        what: Callable[[Sample], float] = cpu if self.of_cpu else rate
        return ratio_of(measured, OURS, self.other, what)

    def is_reached(self, ratio: float) -> bool:
        return ratio <= self.limit if self.of_cpu else ratio >= self.limit


GOALS = (
    Goal("home", MERCURIUS, 1.15, of_cpu=False),
    Goal("home", MERCURIUS, 0.9, of_cpu=True),
    Goal("typename", BARE, 2.0, of_cpu=True),
    Goal("handle", MERCURIUS, 0.6, of_cpu=False),
)


def goals(results: Mapping[str, Mapping[str, Measured]]) -> Iterator[str]:
    """Yields the table of the goals of measured operations."""
    found = [(goal, goal.ratio(results[goal.operation])) for goal in GOALS if goal.operation in results]
    if not found:
        return
    yield "## Goals"
    yield ""
    yield "| goal | measured | |"
    yield "|---|---|---|"
    for goal, ratio in found:
        verdict = "reached" if goal.is_reached(ratio) else "**not reached**"
        yield f"| {goal.text} | {ratio:.2f} | {verdict} |"
    yield ""
