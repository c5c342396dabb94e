"""Times of the levels of an execution, for logs."""

from contextvars import ContextVar
from time import perf_counter

from engine.field_execution import PendingValues


class LevelTimings:
    """The seconds that an execution waited for each level, and for each field of it.

    A level is what `bff explain` prints as `after N waits`: the fields that are executed after the execution has waited
    N times. Fields whose values are known at once are not waited for.
    """

    __slots__ = ("_begun", "_ended")

    def __init__(self) -> None:
        self._begun: dict[PendingValues, float] = {}
        self._ended: list[tuple[PendingValues, float, float]] = []

    def begin(self, pending: PendingValues) -> None:
        """Notes that the execution waits for values from now on."""
        self._begun[pending] = perf_counter()

    def end(self, pending: PendingValues) -> None:
        """Notes that all of the values are known."""
        self._ended.append((pending, self._begun.pop(pending), perf_counter()))

    def levels(self) -> list[tuple[int, float, list[tuple[str, float]]]]:
        """Returns the waits before each level, its seconds, and the seconds of its fields, the longest first."""
        spans: dict[int, tuple[float, float]] = {}
        fields: dict[int, dict[str, float]] = {}
        for pending, begun, now in self._ended:
            first, _ = spans.get(pending.waits, (begun, now))
            spans[pending.waits] = first, now
            of_level = fields.setdefault(pending.waits, {})
            of_level[pending.coordinate] = max(now - begun, of_level.get(pending.coordinate, 0.0))
        return [
            (waits, last - first, sorted(fields[waits].items(), key=_seconds, reverse=True))
            for waits, (first, last) in sorted(spans.items())
        ]


def _seconds(field: tuple[str, float]) -> float:
    return field[1]


level_timings: ContextVar[LevelTimings | None] = ContextVar("level_timings", default=None)
"""Receives the times of the execution of the current task."""
