"""A circuit breaker: stops calling a server that does not answer."""

import time
from collections.abc import Callable

FAILURES = 5
"""Failures in a row that open the breaker."""

FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 30.0
"""Seconds until an open breaker permits one trial call. The pause doubles after each trial that fails."""


class Breaker:
    """Counts failures in a row. While it is open, one trial call is permitted after each pause."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, failures: int = FAILURES) -> None:
        """`failures` in a row open it."""
        self._monotonic = monotonic
        self._limit = failures
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._trial_at = 0.0
        self.openings = 0
        """The number of times that it has opened."""

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    @property
    def rejects(self) -> bool:
        """Whether a call that begins now is not permitted."""
        return self.is_open and self._monotonic() < self._trial_at

    def begin_call(self) -> bool:
        """Returns whether the caller may begin a call. If the breaker is open, that call is the trial, the only one."""
        if self.rejects:
            return False
        self._trial_at = self._monotonic() + self._pause
        return True

    def record_success(self) -> None:
        """Closes the breaker."""
        self._failures, self._pause = 0, FIRST_PAUSE_SECONDS

    def record_failure(self, *, is_trial: bool) -> None:
        """Counts a failure. The breaker opens, or its pause grows. Calls that began before it opened change nothing."""
        if is_trial:
            self._pause = min(2 * self._pause, MAX_PAUSE_SECONDS)
        elif self.is_open:
            return
        was_open = self.is_open
        self._failures += 1
        if self.is_open:
            self.openings += not was_open
            self._trial_at = self._monotonic() + self._pause
