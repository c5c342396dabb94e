"""The log of circuit breakers: a warning when they open, and an information when they close."""

import logging
import time
from collections.abc import Callable
from math import inf

logger = logging.getLogger(__name__)

LOG_INTERVAL_SECONDS = 10.0
"""Seconds between two openings of one name that are logged."""


class BreakerLog:
    """Logs when the circuit breaker of an engine, or the first of a feature, opens, and when it, or the last, closes.

    It logs at most one opening per ten seconds, and only closings whose opening was logged, so at most two lines. An
    opening that comes too early is logged at a later failure, if the breaker is still open. So the last line never says
    that a breaker is closed for longer than ten seconds while its calls fail.
    """

    def __init__(self, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._monotonic = monotonic
        self._opened_at: float | None = None
        self._is_logged = False
        self._logged_at = -inf
        self._unlogged = 0
        """Openings since the last one that was logged, with the present one."""

    def note(self, *, is_open: bool, **facts: object) -> None:
        """Notes the state after a call. `facts` are fields of the line of an opening, without values of users."""
        if is_open:
            self._note_open(facts)
        elif self._opened_at is not None:
            if self._is_logged:
                seconds = round(self._monotonic() - self._opened_at, 1)
                logger.info("circuit breaker closed", extra={"breaker": self._name, "seconds": seconds})
            self._opened_at, self._is_logged = None, False

    def _note_open(self, facts: dict[str, object]) -> None:
        if self._is_logged:
            return
        now = self._monotonic()
        if self._opened_at is None:
            self._opened_at = now
            self._unlogged += 1
        if now - self._logged_at >= LOG_INTERVAL_SECONDS:
            more = {"breaker": self._name, "openings": self._unlogged, **facts}
            logger.warning("circuit breaker opened", extra=more)
            self._logged_at, self._unlogged, self._is_logged = now, 0, True
