"""Clocks. Code receives a clock as a dependency, so that tests can set the time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current instant in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def seconds_of(clock: Clock) -> Callable[[], float]:
    """Returns a function that returns the seconds since 1970 by a clock, in as little time as possible."""
    return clock.timestamp if isinstance(clock, CorrectedClock) else lambda: clock().timestamp()


class CorrectedClock:
    """Adds an offset to another clock. The offset may change at any time."""

    def __init__(self, own: Clock) -> None:
        self.own = own
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return self._own() + self.offset

    @property
    def own(self) -> Clock:
        """The other clock."""
        return self._own

    @own.setter
    def own(self, own: Clock) -> None:
        self._own = own
        self._own_seconds = time.time if own is system_clock else lambda: own().timestamp()

    @property
    def offset(self) -> timedelta:
        """The difference to the other clock."""
        return self._offset

    @offset.setter
    def offset(self, offset: timedelta) -> None:
        self._offset = offset
        self._offset_seconds = offset.total_seconds()

    def timestamp(self) -> float:
        """Returns the seconds since 1970. It takes a quarter of the time of an instant with a time zone."""
        return self._own_seconds() + self._offset_seconds
