"""Times of the levels of an execution, for logs."""

from contextvars import ContextVar
from time import perf_counter

from engine.field_execution import PendingValues


class LevelTimings:
    """The seconds that an execution waited for each level, and for each field of it.

    A level is what `bff explain` prints as `after N waits`: the fields that are executed after the execution has waited
    N times. Fields whose values are known at once are not waited for.
    """

    def __init__(self) -> None:
        self._begun: dict[PendingValues, float] = {}
        self._spans: dict[int, tuple[float, float]] = {}
        self._fields: dict[int, dict[str, float]] = {}

    def begin(self, pending: PendingValues) -> None:
        """Notes that the execution waits for values from now on."""
        self._begun[pending] = perf_counter()

    def end(self, pending: PendingValues) -> None:
        """Notes that all of the values are known."""
        begun, now = self._begun.pop(pending), perf_counter()
        first, _ = self._spans.get(pending.waits, (begun, now))
        self._spans[pending.waits] = first, now
        fields = self._fields.setdefault(pending.waits, {})
        fields[pending.coordinate] = max(now - begun, fields.get(pending.coordinate, 0.0))

    def levels(self) -> list[tuple[int, float, list[tuple[str, float]]]]:
        """Returns the waits before each level, its seconds, and the seconds of its fields, the longest first."""
        return [
            (waits, last - first, sorted(self._fields[waits].items(), key=_seconds, reverse=True))
            for waits, (first, last) in sorted(self._spans.items())
        ]


def _seconds(field: tuple[str, float]) -> float:
    return field[1]


level_timings: ContextVar[LevelTimings | None] = ContextVar("level_timings", default=None)
"""Receives the times of the execution of the current task."""
