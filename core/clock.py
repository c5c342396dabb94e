"""Time as a dependency, so that a test can choose it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the instant it is called at, with time zone UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


class CorrectedClock:
    """A clock with an offset from another one, which may be measured anew at any time."""

    def __init__(self, own: Clock) -> None:
        self.own = own
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return self.own() + self.offset
