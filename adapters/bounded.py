"""Bounds the calls of a server that sends messages: a deadline, a maximum of concurrent calls, a circuit breaker."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from adapters.breaker import Breaker
from adapters.breaker_log import BreakerLog
from adapters.call_statistics import CallStatistics
from adapters.outcomes import Dead, Later, Outcome, Rejected, Sent, ServerUnavailable

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""Seconds until another attempt, if the server does not say when."""

MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 3600.0
"""Bounds of the pause that a server may ask for. It applies to every outcome that is `Later`."""

_TURN_SHARE = 0.5
"""Maximum share of the deadline that a call waits for its turn. The server has at least the rest to answer."""

_LOG_INTERVAL_SECONDS = 10.0
_NAMES = {Sent: "sent", Dead: "dead", Later: "later", Rejected: "rejected"}
_UNAVAILABLE, _NOT_CALLED = "unavailable", "not_called"


class BoundedCalls:
    """Makes calls of a server within bounds. Calls beyond the maximum wait, at most half of their deadline."""

    def __init__(self, server: str, deadline: float, calls: int, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker()
        self.server = server
        self.statistics = CallStatistics()
        self._breaker_log = BreakerLog(server)
        self._deadline = deadline
        self._turns = asyncio.Semaphore(calls)
        self._logged_at = -_LOG_INTERVAL_SECONDS

    async def outcome(self, call: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Returns the outcome of a call. It is `Later` if the server is unavailable; then the outcome is not known."""
        outcome = await self._outcome(call)
        if not isinstance(outcome, Later):
            return outcome
        return outcome._replace(seconds=min(max(outcome.seconds, MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS))

    async def _outcome(self, call: Callable[[], Awaitable[Outcome]]) -> Outcome:
        ends_at = asyncio.get_running_loop().time() + self._deadline
        try:
            async with asyncio.timeout(_TURN_SHARE * self._deadline):
                await self._turns.acquire()
        except TimeoutError:
            return self._not_called("no turn within half of the deadline")
        try:
            return await self._called(call, ends_at)
        finally:
            self._turns.release()

    async def _called(self, call: Callable[[], Awaitable[Outcome]], ends_at: float) -> Outcome:
        is_trial = self.breaker.is_open
        if not self.breaker.begin_call():
            return self._not_called("the breaker is open")
        try:
            async with asyncio.timeout_at(ends_at):
                with self.statistics.timed():
                    outcome = await call()
        except TimeoutError:
            return self._failed(ServerUnavailable("no answer within the deadline"), is_trial=is_trial)
        except ServerUnavailable as error:
            return self._failed(error, is_trial=is_trial)
        self.breaker.record_success()
        self._breaker_log.note(is_open=False)
        self.statistics.outcomes[_NAMES[type(outcome)]] += 1
        if isinstance(outcome, Rejected):
            self._warn("a message was rejected", outcome.code)
        return outcome

    def _not_called(self, cause: str) -> Later:
        """Returns the outcome without a call, which says nothing about the server."""
        self.statistics.outcomes[_NOT_CALLED] += 1
        return Later(PAUSE_SECONDS, cause)

    def _failed(self, error: ServerUnavailable, *, is_trial: bool) -> Later:
        self.breaker.record_failure(is_trial=is_trial)
        self._breaker_log.note(is_open=self.breaker.is_open, cause=error.cause)
        self.statistics.outcomes[_UNAVAILABLE] += 1
        self._warn("messages wait, because their server is unavailable", error.cause)
        return Later(PAUSE_SECONDS if error.seconds is None else error.seconds, error.cause)

    def _warn(self, message: str, cause: str) -> None:
        """Logs the cause, at most once per ten seconds."""
        now = time.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_SECONDS:
            logger.warning(message, extra={"server": self.server, "cause": cause})
            self._logged_at = now
