"""Simulates a server process and its database in virtual time, so that results do not depend on the machine.

Work of the process blocks its event loop, as in a real process: it moves the time forward. Waiting takes no real time.
"""

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from gateway.errors.request_error import RequestError
from gateway.overload.admission import Admission
from gateway.overload.concurrency_limit import ConcurrencyLimit
from gateway.overload.priorities import Priority
from gateway.overload.waiting_queue import WaitingQueue

GOOD_SECONDS = 1.0
REJECTION_SECONDS = 0.0001
"""The work of reading and answering a request, besides its execution."""
CONNECTIONS = 16
DATABASE_POOL = 20
HANG_SECONDS = 5.0


class Work(NamedTuple):
    """The work of a request: seconds of the process, statements, and seconds of the database for each."""

    seconds: float
    statements: int
    statement_seconds: float


WORK: Mapping[Priority, Work] = {
    Priority.MONEY: Work(0.0027, 9, 0.0005),
    Priority.WRITE: Work(0.0019, 5, 0.0006),
    Priority.READ: Work(0.0025, 5, 0.0004),
    Priority.SEARCH: Work(0.001, 1, 0.002),
    Priority.PREFETCH: Work(0.0025, 5, 0.0004),
}
SHARES: Mapping[Priority, float] = dict(zip(Priority, (1, 3, 66, 15, 15), strict=True))


class Outcome(NamedTuple):
    """The outcome of a request: `good`, `late`, `shed` or `hung`, and the seconds since it was sent."""

    priority: Priority
    result: str
    seconds: float


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves only by work and by waiting for the next timer."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_VirtualSelector(self))

    def time(self) -> float:
        return self.now


class _VirtualSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.now += timeout or 0.0
        return super().select(0)


class SimulatedServer:
    """One process with one database. `slowness` multiplies its work; `hanging` is the share of requests that hang."""

    def __init__(self, loop: VirtualLoop, *, is_limited: bool, seed: int = 1) -> None:
        self.loop = loop
        self.slowness = 1.0
        self.hanging = 0.0
        self.outcomes: list[Outcome] = []
        self.admission: Admission | None = None
        if is_limited:
            self.admission = Admission(ConcurrencyLimit(8, 200), WaitingQueue(128, 0.25), loop.time)
        self._database_is_free_at = 0.0
        self._pool = asyncio.Semaphore(DATABASE_POOL)
        self._chance = random.Random(seed)  # noqa: S311 - not for secrets

    async def closed_loop(self, seconds: float) -> float:
        """Returns the good responses per second to clients that always wait for the response."""
        end, self.outcomes = self.loop.now + seconds, []

        async def client() -> None:
            while self.loop.now < end:
                await self._request(self._draw(), self.loop.now)

        await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
        return self.rate("good", seconds)

    async def open_loop(self, rate: float, seconds: float) -> None:
        """Sends requests at random instants, whether or not earlier ones are answered."""
        due, end, self.outcomes = self.loop.now, self.loop.now + seconds, []
        async with asyncio.TaskGroup() as tasks:
            while (due := due + self._chance.expovariate(rate)) < end:
                if due > self.loop.now:
                    await asyncio.sleep(due - self.loop.now)
                tasks.create_task(self._request(self._draw(), due))

    def rate(self, result: str, seconds: float) -> float:
        return sum(outcome.result == result for outcome in self.outcomes) / seconds

    def share(self, priority: Priority) -> float:
        """Returns the share of the requests of a priority that were good."""
        results = [outcome.result for outcome in self.outcomes if outcome.priority is priority]
        return results.count("good") / len(results)

    @property
    def p99(self) -> float:
        """The 99th percentile of the seconds of executed requests."""
        found = sorted(each.seconds for each in self.outcomes if each.result in {"good", "late"})
        return found[int(len(found) * 0.99)]

    def _draw(self) -> Priority:
        (priority,) = self._chance.choices(list(SHARES), list(SHARES.values()))
        return priority

    async def _request(self, priority: Priority, due: float) -> None:
        self._work(REJECTION_SECONDS)
        place = None
        try:
            if self.admission is not None:
                place = await self.admission.enter(("hash", priority.name), priority)
            result = await self._execute(priority)
            if self.admission is not None and place is not None and result == "good":
                self.admission.record(place)
        except RequestError:
            result = "shed"
        finally:
            if place is not None:
                place.leave()
        seconds = self.loop.now - due
        self.outcomes.append(
            Outcome(priority, "late" if result == "good" and seconds > GOOD_SECONDS else result, seconds)
        )

    async def _execute(self, priority: Priority) -> str:
        if self._chance.random() < self.hanging:
            await asyncio.sleep(HANG_SECONDS)
            return "hung"
        seconds, statements, statement_seconds = WORK[priority]
        factor = self._chance.lognormvariate(0, 0.3) / (statements + 1)
        for _ in range(statements):
            self._work(seconds * factor)
            await self._query(statement_seconds * self._chance.lognormvariate(0, 0.3))
        self._work(seconds * factor)
        return "good"

    def _work(self, seconds: float) -> None:
        self.loop.now += seconds * self.slowness

    async def _query(self, seconds: float) -> None:
        async with self._pool:
            self._database_is_free_at = max(self.loop.now, self._database_is_free_at) + seconds
            await asyncio.sleep(self._database_is_free_at - self.loop.now)


def simulate(scenario: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> None:
    """Runs a scenario in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        runner.run(scenario(loop))
