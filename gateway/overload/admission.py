"""Decides which executions begin at once, which wait, and which are shed."""

import asyncio
import logging
import random
import time
from collections.abc import Callable

from core.deadlines import has_passed, request_ends_at
from core.errors import Overloaded
from core.settings import Settings
from gateway.errors.request_error import RequestError, reject
from gateway.overload.baselines import Baseline, Baselines
from gateway.overload.concurrency_limit import MIN_SAMPLES, ConcurrencyLimit
from gateway.overload.priorities import Priority
from gateway.overload.waiting_queue import Waiter, WaitingQueue

logger = logging.getLogger("gateway.overload")

Shape = tuple[str, str]
"""The identity of an operation: the hash of its document, and its name."""

MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 1.0, 5.0
"""The range of `retryAfter`. Its values are random, so that clients do not return at the same time."""

_STALL_FACTOR = 16
_MIN_STALL_SECONDS, _MAX_STALL_SECONDS = 0.05, 1.0
"""An execution that takes `_STALL_FACTOR` times its baseline, within these seconds, gives its place back. While all
executions are slower, it takes as many times longer."""
_OVERTAKEN = MIN_SAMPLES
"""The executions that have ended since one began that has stalled: so many that the load is up to date."""
_CHECK_SECONDS = 0.01
_SWEEPS = 8
_LOG_SECONDS = 10.0
_MESSAGE = "The server has too much work at the moment. Send the request again after `retryAfter` seconds."


class Place:
    """The place of an execution. `leave` is called once it has ended, for any reason."""

    __slots__ = ("_admission", "baseline", "begun", "ended_before", "is_alone", "is_held", "is_left")

    def __init__(self, admission: "Admission", baseline: Baseline, begun: float, *, is_alone: bool) -> None:
        self._admission = admission
        self.is_alone = is_alone
        """Whether few other executions ran when it began."""
        self.baseline = baseline
        self.begun = begun
        self.ended_before = admission.ended
        self.is_held = True
        self.is_left = False

    def leave(self) -> None:
        """Gives the place back, if it was not given back before."""
        self._admission.release(self)


class Admission:
    """Limits the executions of one process.

    While there is a free place, an execution begins at once. Otherwise it waits for one, for a bounded time and in the
    order of priorities, or it is shed with OVERLOADED. It does not wait longer than until the deadline of its request.

    An execution that takes much longer than usual waits for something else than this process, such as a server that
    hangs. It gives its place back and continues, so that others are not shed because of it. Up to the maximum of the
    limit can do that.
    """

    def __init__(
        self,
        limit: ConcurrencyLimit,
        queue: WaitingQueue,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self.running = 0
        """Executions that hold a place."""
        self.stalled = 0
        """Executions that have given their place back."""
        self.ended = 0
        """Executions that have left a place."""
        self.shed = dict.fromkeys(Priority, 0)
        self._queue = queue
        self._few = limit.minimum
        self._max_stalled = limit.maximum
        self._sweep_seconds = queue.wait_seconds / _SWEEPS
        self._monotonic = monotonic
        self._baselines = Baselines()
        self._places: dict[Place, None] = {}
        self._checked_at = self._logged_at = float("-inf")
        self._logged = 0
        self._sweep_timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Admission":
        limit = ConcurrencyLimit(settings.overload_min_executions, settings.overload_max_executions)
        return cls(limit, WaitingQueue(settings.overload_queue, settings.overload_wait))

    @property
    def waiting(self) -> int:
        """The number of executions that wait for a place."""
        return self._queue.length

    def take_free(self, shape: Shape) -> Place | None:
        """Returns a place for an execution, or None if none is free. Then `enter` waits for one."""
        return self._place(shape, self._monotonic()) if self.running < self.limit.value else None

    async def enter(self, shape: Shape, priority: Priority) -> Place:
        """Returns a place for an execution. Raises `RequestError` (OVERLOADED) if it is shed."""
        now = self._monotonic()
        if self.running < self.limit.value or self._reclaim(now):
            return self._place(shape, now)
        if not self._queue.may_enter(priority):
            raise self._shed(priority)
        return await self._wait(shape, priority, now)

    async def _wait(self, shape: Shape, priority: Priority, now: float) -> Place:
        future: asyncio.Future[Place | None] = asyncio.get_running_loop().create_future()
        waiter = Waiter(future, priority, shape, now)
        if (displaced := self._queue.add(waiter)) is not None:
            _shed_waiting(displaced)
        if self._sweep_timer is None:
            self._schedule_sweep()
        timer = self._end_at_deadline(waiter)
        try:
            place = await future
        except asyncio.CancelledError:
            self._forget(waiter)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if place is not None and has_passed():
            place.leave()
            place = None
        if place is None:
            raise self._shed(priority)
        return place

    def _end_at_deadline(self, waiter: Waiter) -> asyncio.TimerHandle | None:
        """Sheds an execution at the deadline of its request, if it still waits then."""
        ends_at = request_ends_at.get()
        if ends_at is None:
            return None

        def end() -> None:
            self._queue.remove(waiter)
            _shed_waiting(waiter)

        return asyncio.get_running_loop().call_later(ends_at - time.monotonic(), end)

    @property
    def is_full(self) -> bool:
        """Returns whether an execution that arrives now has to wait, or is shed."""
        return self.running >= self.limit.value

    def rejection(self, priority: Priority) -> RequestError | None:
        """Returns the error of an execution that would be shed at once if it arrived now, and counts it."""
        if not self.is_full or self._queue.may_enter(priority) or self._reclaim(self._monotonic()):
            return None
        return None if self._queue.may_enter(priority) else self._shed(priority)

    def record(self, place: Place) -> None:
        """Records the latency of an execution without errors. Those with errors may have ended early."""
        now = self._monotonic()
        seconds, baseline, limit = now - place.begun, place.baseline, self.limit
        if not baseline.samples:
            baseline.start(seconds / max(1.0, limit.load))
        elif limit.load <= 1 or (place.is_alone and self.running <= self._few):
            baseline.learn(seconds)
        limit.record(seconds / max(baseline.seconds, 1e-9), now)

    def release(self, place: Place) -> None:
        """Takes a place back, and gives it to the next execution that waits."""
        if place.is_left:
            return
        place.is_left = True
        if place.is_held:
            self.ended += 1
            self.running -= 1
            del self._places[place]
        else:
            self.stalled -= 1
        if self._queue.length:
            self._admit_waiting(self._monotonic())

    def _place(self, shape: Shape, now: float) -> Place:
        running = self.running = self.running + 1
        self.limit.note_running(running)
        place = Place(self, self._baselines.of(shape), now, is_alone=running <= self._few)
        self._places[place] = None
        return place

    def _admit_waiting(self, now: float) -> None:
        for waiter in self._queue.take_expired(now):
            _shed_waiting(waiter)
        while self.running < self.limit.value and (waiter := self._queue.take()) is not None:
            if not waiter.future.done():
                waiter.future.set_result(self._place(waiter.shape, now))

    def _reclaim(self, now: float) -> bool:
        """Takes places of stalled executions back. Returns whether there is a free place that nothing waits for."""
        if now - self._checked_at < _CHECK_SECONDS:
            return False
        self._checked_at = now
        load = max(1.0, self.limit.load)
        for place in list(self._places):
            age = (now - place.begun) / load
            if self.stalled >= self._max_stalled or age < _MIN_STALL_SECONDS:
                break
            if self._has_stalled(place, age):
                del self._places[place]
                place.is_held = False
                self.running -= 1
                self.stalled += 1
        self._admit_waiting(now)
        return self.running < self.limit.value

    def _has_stalled(self, place: Place, age: float) -> bool:
        """Returns whether an execution is slower than others. `age` is in seconds, divided by the load.

        If few others have ended meanwhile, all may have become slower, and the load does not show it yet.
        """
        is_overtaken = self.ended - place.ended_before >= _OVERTAKEN
        return age >= (_stall_seconds(place.baseline) if is_overtaken else _MAX_STALL_SECONDS)

    def _schedule_sweep(self) -> None:
        self._sweep_timer = asyncio.get_running_loop().call_later(self._sweep_seconds, self._sweep)

    def _sweep(self) -> None:
        """Takes places back, and sheds what has waited too long, while no execution ends."""
        self._sweep_timer = None
        self._reclaim(self._monotonic())
        self._admit_waiting(self._monotonic())
        if self._queue.length:
            self._schedule_sweep()

    def _forget(self, waiter: Waiter) -> None:
        """Forgets a request whose client has disconnected. It may have received a place just before."""
        if waiter.future.cancelled():
            self._queue.remove(waiter)
        elif (place := waiter.future.result()) is not None:
            place.leave()

    def _shed(self, priority: Priority) -> RequestError:
        """Counts and returns the error of an execution that is shed. Logs once in a while."""
        self.shed[priority] += 1
        now = self._monotonic()
        if now - self._logged_at >= _LOG_SECONDS:
            total = sum(self.shed.values())
            facts = {"limit": self.limit.value, "waiting": self.waiting, "shed": total - self._logged}
            logger.warning("overloaded: executions are shed", extra=facts)
            self._logged_at, self._logged = now, total
        seconds = random.uniform(MIN_RETRY_SECONDS, MAX_RETRY_SECONDS)  # noqa: S311 - not for secrets
        return reject(Overloaded(_MESSAGE, round(seconds, 1)))


def _shed_waiting(waiter: Waiter) -> None:
    """Sheds a request that waits. Its own task creates the error, which contains the id of the request."""
    if not waiter.future.done():
        waiter.future.set_result(None)


def _stall_seconds(baseline: Baseline) -> float:
    """Returns the seconds after which an execution gives its place back, if others take as long as usual."""
    if not baseline.samples:
        return _MAX_STALL_SECONDS
    return max(_MIN_STALL_SECONDS, min(_MAX_STALL_SECONDS, _STALL_FACTOR * baseline.seconds))
