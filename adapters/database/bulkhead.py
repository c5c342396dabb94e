"""A bulkhead: the places for statements of one feature, so that it leaves connections to the others."""

import asyncio
from collections import deque

from adapters.breaker import Breaker
from adapters.breaker_log import BreakerLog

TRANSACTIONS = "transactions"
"""Stands for all transactions of a feature, where others are named by the text of their statement."""

_LOGGED_CHARACTERS = 100


class Bulkhead:
    """Limits how many statements and transactions of a feature run at the same time. Others wait in their order.

    Often only some statements of a feature hang, such as those that read one table. So equal statements leave at least
    one place to others, and each statement has a circuit breaker. When it opens, equal statements that wait are
    rejected, too.
    """

    def __init__(self, places: int, name: str = "") -> None:
        self.places = places
        self.free = places
        self.failing: dict[str, Breaker] = {}
        """The breakers of the statements that failed when they ran last."""
        self.rejected = 0
        """Statements and transactions that did not begin, because a breaker was open or no place became free."""
        self.failures = 0
        """Statements and transactions that failed because the database did not answer, or that got no place."""
        self.openings = 0
        """The number of times that breakers of statements have opened."""
        self._log = BreakerLog(name)
        self._most_equal = max(1, places - 1)
        self._running: dict[str, int] = {}
        """The number of running statements by their text."""
        self._waiting: deque[tuple[asyncio.Future[None], str]] = deque()

    @property
    def in_use(self) -> int:
        return self.places - self.free

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def open_breakers(self) -> int:
        return sum(breaker.is_open for breaker in self.failing.values())

    def is_open(self, statement: str) -> bool:
        """Returns whether the breaker of a statement is open."""
        breaker = self.failing.get(statement)
        return breaker is not None and breaker.is_open

    def permits(self, statement: str) -> bool:
        """Returns whether a statement may begin or wait now. If its breaker is open, that is the trial of a second."""
        return not self.is_open(statement) or (self.free > 0 and self.failing[statement].begin_call())

    def begin(self, statement: str) -> bool:
        """Takes a place, and returns whether one was free for this statement."""
        equal = self._running.get(statement, 0)
        if not self.free or equal >= self._most_equal:
            return False
        self.free -= 1
        self._running[statement] = equal + 1
        return True

    async def wait(self, statement: str, seconds: float) -> None:
        """Takes a place. Raises `TimeoutError` if none becomes free in time, or if the breaker opens meanwhile."""
        if self.begin(statement):
            return
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        entry = place, statement
        self._waiting.append(entry)
        timer = loop.call_later(seconds, _reject, place)
        try:
            await place
        except BaseException:
            if entry in self._waiting:
                self._waiting.remove(entry)
            elif not place.cancelled() and place.exception() is None:
                self.leave(statement)
            raise
        finally:
            timer.cancel()

    def leave(self, statement: str) -> None:
        """Gives the place of a statement back. The first that waits and may take it gets it."""
        self.free += 1
        equal = self._running[statement] - 1
        if equal:
            self._running[statement] = equal
        else:
            del self._running[statement]
        if self._waiting:
            self._pass_on()

    def _pass_on(self) -> None:
        for entry in self._waiting:
            place, statement = entry
            if not place.done() and self.begin(statement):
                self._waiting.remove(entry)
                place.set_result(None)
                return

    def record_success(self, statement: str) -> None:
        """Closes the breaker of a statement."""
        self.failing.pop(statement, None)
        if not self.open_breakers:
            self._log.note(is_open=False)

    def record_failure(self, statement: str) -> None:
        """Counts a failure. If the breaker opens by it, rejects equal statements that wait.

        Trials do not count as such, so pauses do not grow, and a trial that hangs does not delay the next one: the
        breaker closes within a second after the database answers again, however long a statement may take.
        """
        self.failures += 1
        breaker = self.failing.setdefault(statement, Breaker())
        openings = breaker.openings
        breaker.record_failure(is_trial=False)
        self.openings += breaker.openings - openings
        if breaker.is_open:
            self._log.note(is_open=True, statement=" ".join(statement.split())[:_LOGGED_CHARACTERS])
            for place, waiting in self._waiting:
                if waiting == statement:
                    _reject(place)


def _reject(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_exception(TimeoutError("no place became free"))
