"""The requests that wait for an execution to end, ordered by priority."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Any

from gateway.overload.priorities import Priority

BURST_FACTOR = 2
"""The factor by which a request may wait longer if the queue was empty lately."""
BURST_SECONDS = 1.0
"""The seconds after which a queue that was never empty is no burst."""


class Waiter:
    """A request that waits. Its future receives a place, or None if the request is shed."""

    __slots__ = ("future", "priority", "shape", "since")

    def __init__(self, future: asyncio.Future[Any], priority: Priority, shape: Any, since: float) -> None:
        self.future = future
        self.priority = priority
        self.shape = shape
        self.since = since


class WaitingQueue:
    """A queue with a limit of its length and of the time in it.

    Higher priorities leave it first, and requests of one priority in the order of their arrival. The time is limited as
    CoDel does it: a burst may wait longer than a queue that persists, since waiting does not help against that.
    """

    def __init__(self, size: int, wait_seconds: float) -> None:
        self._size = size
        self.wait_seconds = wait_seconds
        self._waiting = [deque[Waiter]() for _ in Priority]
        self.length = 0
        """The number of requests that wait."""
        self._busy_since = 0.0

    def may_enter(self, priority: Priority) -> bool:
        """Returns whether a request can wait: there is room, or a request of a lower priority to displace."""
        return self.length < self._size or any(self._waiting[priority + 1 :])

    def add(self, waiter: Waiter) -> Waiter | None:
        """Adds a request that `may_enter`. Returns the request that it displaces: the last of the lowest priority."""
        displaced = None
        if self.length >= self._size:
            displaced = next(waiting for waiting in reversed(self._waiting) if waiting).pop()
            self.length -= 1
        if not self.length:
            self._busy_since = waiter.since
        self._waiting[waiter.priority].append(waiter)
        self.length += 1
        return displaced

    def take(self) -> Waiter | None:
        """Returns the next request, and removes it."""
        for waiting in self._waiting:
            if waiting:
                self.length -= 1
                return waiting.popleft()
        return None

    def remove(self, waiter: Waiter) -> None:
        """Removes a request that no longer waits, unless it has left the queue."""
        if waiter in self._waiting[waiter.priority]:
            self._waiting[waiter.priority].remove(waiter)
            self.length -= 1

    def take_expired(self, now: float) -> Iterator[Waiter]:
        """Yields the requests that have waited too long, and removes them."""
        is_burst = now - self._busy_since < BURST_SECONDS
        since = now - self.wait_seconds * (BURST_FACTOR if is_burst else 1)
        for waiting in self._waiting:
            while waiting and waiting[0].since <= since:
                self.length -= 1
                yield waiting.popleft()
