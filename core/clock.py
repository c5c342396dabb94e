"""Clocks. Code receives a clock as a dependency, so that tests can set the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current instant in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


class CorrectedClock:
    """Adds an offset to another clock. The offset may change at any time."""

    def __init__(self, own: Clock) -> None:
        self.own = own
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return self.own() + self.offset
