"""The choice of the replica that an operation reads: the only place where the route of a read is chosen."""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextvars import ContextVar
from enum import StrEnum
from typing import NamedTuple

from adapters.database.base import Queries
from adapters.database.replicas.positions import Mark
from adapters.database.replicas.replica import Replica
from adapters.response_store import Tail


class Route(NamedTuple):
    """The replica that an operation reads, and the mark that the replica had reached when it was chosen."""

    replica: Replica
    mark: Mark

    @property
    def queries(self) -> Queries | None:
        """The connections of the replica. None if it is not certain any more that it has reached the mark."""
        return self.replica.queries_after(self.mark)


read_route: ContextVar[Route | None] = ContextVar("read_route", default=None)
"""The route of the reads of the current operation. None: they read the primary, as everything else does."""


class Chosen(StrEnum):
    """The server to which the reads of a query were sent, and the reason."""

    REPLICA = "replica"
    PRIMARY_AFTER_WRITE = "primary_after_write"
    """The viewer has written or received something that their replica may lack."""
    PRIMARY = "primary"
    """No replica can be used, or announcements may be missing since its mark."""


class Choice:
    """Chooses between replicas, and counts the choices."""

    def __init__(self, replicas: Sequence[Replica]) -> None:
        self._replicas = replicas
        self.counts = Counter[Chosen]()

    def choose(self, tail: Tail, tags: Collection[str], number: int) -> Route | None:
        """Returns a route if a replica has reached a mark after which none of the tags has moved, as `tail` knows.

        A viewer reads the replica of their `number` or, if it cannot be used, the next one that can. If that lacks a
        move, they read the primary, since they could go back in time between two replicas.
        """
        route, kind = self._usable(number % len(self._replicas)), Chosen.PRIMARY
        if route is not None and route.mark.position >= tail.minimum:
            is_current = tail.is_current(route.mark.position, tags)
            kind = Chosen.REPLICA if is_current else Chosen.PRIMARY_AFTER_WRITE
        self.counts[kind] += 1
        return route if kind is Chosen.REPLICA else None

    def _usable(self, first: int) -> Route | None:
        """Returns the first replica that can be used, beginning with the one of a number."""
        now = time.monotonic()
        for replica in (*self._replicas[first:], *self._replicas[:first]):
            if (mark := replica.mark_at(now)) is not None:
                return Route(replica, mark)
        return None
