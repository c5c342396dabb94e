"""Divides the connections of a process between transactions, which use asyncpg, and pipelines, which use libpq."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

MIN_WAIT_SECONDS = 0.05
"""The seconds that a caller waits before a connection of the other kind is closed so that it can open its own.

Opening costs both sides as much as several requests, so a busy process should seldom do it.
"""


class SlotWaiter(NamedTuple):
    """A caller that waits since an instant. `give` returns whether it accepted a connection, or a slot without one."""

    since: float
    give: Callable[[Any], bool]


class Lane:
    """The connections of one kind: those that are idle, and the callers that wait for one."""

    def __init__(self) -> None:
        self.idle: list[Any] = []
        self.waiting: deque[SlotWaiter] = deque()
        self.count_open: Callable[[], int] = lambda: 0
        """Counts the connections that are open, or being opened."""
        self.close_idle: Callable[[], Awaitable[None]] | None = None
        """Closes an idle connection, if there is one."""


class ConnectionSlots:
    """Counts the connections in use. The sum of both kinds is limited, in use and open.

    While the limit of open connections is reached, a connection is closed for one of the other kind only if that kind
    has none, or if its caller has waited for `MIN_WAIT_SECONDS`. So the numbers of both kinds follow the load slowly.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.free = size
        self.transactions = Lane()
        self.pipelines = Lane()
        self._timer: asyncio.TimerHandle | None = None

    def take(self, lane: Lane) -> bool:
        """Takes a slot for a caller that has not waited. Returns whether it may use or open a connection now."""
        if not self.free or not (lane.idle or self._may_open(lane)):
            return False
        self.free -= 1
        return True

    def wait(self, lane: Lane, give: Callable[[Any], bool]) -> SlotWaiter:
        """Adds a caller to those that wait for a connection of this kind."""
        waiter = SlotWaiter(time.monotonic(), give)
        lane.waiting.append(waiter)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MIN_WAIT_SECONDS, self._open_for_waiting)
        return waiter

    def pass_on(self, lane: Lane, connection: Any) -> None:
        """Passes a slot of a lane on, with its connection or without. Callers of its own lane have precedence."""
        other = self._other(lane)
        while lane.waiting or other.waiting:
            if _is_first(lane, other):
                if lane.waiting.popleft().give(connection):
                    return
            elif not self._may_open(other):
                self.free += 1
                break
            elif other.waiting.popleft().give(None):
                break
        else:
            self.free += 1
        if connection is not None:
            lane.idle.append(connection)

    async def make_room(self, lane: Lane) -> None:
        """Closes an idle connection of the other kind, if there are too many with the one that is being opened."""
        other = self._other(lane)
        if other.close_idle is not None and lane.count_open() + other.count_open() > self.size:
            await other.close_idle()

    def _may_open(self, lane: Lane) -> bool:
        """Returns whether the first caller that waits, or a new one, may open a connection in a free slot."""
        own = lane.count_open()
        if not own or own + self._other(lane).count_open() < self.size:
            return True
        return bool(lane.waiting) and time.monotonic() - lane.waiting[0].since >= MIN_WAIT_SECONDS

    def _open_for_waiting(self) -> None:
        """Gives free slots to callers that have waited long enough to open a connection."""
        self._timer = None
        for lane in (self.transactions, self.pipelines):
            while self.free and lane.waiting and self._may_open(lane):
                self.free -= 1
                if not lane.waiting.popleft().give(None):
                    self.free += 1
        if self.transactions.waiting or self.pipelines.waiting:
            self._timer = asyncio.get_running_loop().call_later(MIN_WAIT_SECONDS, self._open_for_waiting)

    def _other(self, lane: Lane) -> Lane:
        return self.pipelines if lane is self.transactions else self.transactions


def _is_first(lane: Lane, other: Lane) -> bool:
    if not lane.waiting or not other.waiting:
        return bool(lane.waiting)
    return lane.waiting[0].since <= other.waiting[0].since + MIN_WAIT_SECONDS
