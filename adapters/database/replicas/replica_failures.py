"""Statements that failed on a replica, though the primary has answered them."""

import logging

from adapters.breaker import Breaker
from core.tracebacks import error_summary

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
"""Failures in a row after which a replica is not used for a while."""


class ReplicaFailures:
    """Counts failures, and logs the first one of each SQLSTATE, or of each type of those without one."""

    def __init__(self, replica: str) -> None:
        self._replica = replica
        self._breaker = Breaker(failures=MAX_FAILURES)
        self._logged = set[str]()
        self.total = 0

    @property
    def is_pausing(self) -> bool:
        """Whether the last ones are so many in a row that the replica is not used. Each next pause is longer."""
        return self._breaker.rejects

    def add(self, error: Exception) -> None:
        """Counts a statement that the primary has answered. Those that end during a pause do not extend it."""
        self.total += 1
        breaker = self._breaker
        breaker.record_failure(is_trial=breaker.is_open and not breaker.rejects)
        kind = str(getattr(error, "sqlstate", None) or type(error).__name__)
        if kind not in self._logged:
            self._logged.add(kind)
            facts = {"replica": self._replica, "error": error_summary(error)}
            logger.warning("statements fail on a read replica: %s", kind, extra=facts)

    def end(self) -> None:
        """Notes that a statement was answered."""
        self._breaker.record_success()
