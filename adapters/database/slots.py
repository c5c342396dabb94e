"""Divides the connections of a process between transactions, which use asyncpg, and pipelines, which use libpq."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

PRECEDENCE_SECONDS = 0.05
"""The seconds that a caller must have waited longer than those of the other kind to get their connection.

The connection itself is then closed and another one opened, so a busy process should seldom do it.
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

    def wait(self, give: Callable[[Any], bool]) -> SlotWaiter:
        waiter = SlotWaiter(time.monotonic(), give)
        self.waiting.append(waiter)
        return waiter


class ConnectionSlots:
    """Counts the connections in use. The sum of both kinds is limited, in use and open."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.free = size
        self.transactions = Lane()
        self.pipelines = Lane()

    def take(self) -> bool:
        """Takes a slot, and returns whether one was free."""
        if not self.free:
            return False
        self.free -= 1
        return True

    def pass_on(self, lane: Lane, connection: Any) -> None:
        """Passes a slot of a lane on, with its connection or without. Callers of its own lane have precedence."""
        other = self.pipelines if lane is self.transactions else self.transactions
        while lane.waiting or other.waiting:
            if _is_first(lane, other):
                if lane.waiting.popleft().give(connection):
                    return
            elif other.waiting.popleft().give(None):
                break
        else:
            self.free += 1
        if connection is not None:
            lane.idle.append(connection)

    async def make_room(self, lane: Lane) -> None:
        """Closes an idle connection of the other kind, if there are too many with the one that is being opened."""
        other = self.pipelines if lane is self.transactions else self.transactions
        if other.close_idle is not None and lane.count_open() + other.count_open() > self.size:
            await other.close_idle()


def _is_first(lane: Lane, other: Lane) -> bool:
    if not lane.waiting or not other.waiting:
        return bool(lane.waiting)
    return lane.waiting[0].since <= other.waiting[0].since + PRECEDENCE_SECONDS
