"""Time as a dependency, so that a test can choose it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the instant it is called at, with time zone UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
