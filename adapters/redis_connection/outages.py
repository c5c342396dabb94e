"""The count and the log of calls without an answer."""

import logging
import time

logger = logging.getLogger(__name__)

_LOG_INTERVAL_SECONDS = 1.0


class Outages:
    """Counts the calls that the engine did not answer, and logs outages at most once per second.

    `purpose` names what the calls are for, such as `response store`.
    """

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        self.failures = 0
        self.longest_wait = 0.0
        """The longest time in seconds that calls waited for an answer until a connection was given up."""
        self._logged_at = -_LOG_INTERVAL_SECONDS
        self._unlogged = 0

    def note_wait(self, seconds: float) -> None:
        """Notes how long the first call without an answer has waited, when its connection is given up."""
        self.longest_wait = max(self.longest_wait, seconds)

    def note(self, cause: str) -> None:
        """Logs the cause, which must not contain addresses or values."""
        self._unlogged += 1
        now = time.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_SECONDS:
            logger.warning("%s: Redis does not answer: %s", self.purpose, cause, extra={"times": self._unlogged})
            self._logged_at, self._unlogged = now, 0
