"""What went wrong, what that makes null, and which of it is reported.

graphql-core meets failures one after another, depth first, and goes on without what a failure has made null. Executing
level by level meets them in another order, so they are collected as they come and judged at the end.
"""

from operator import itemgetter
from typing import Any

from graphql import GraphQLError
from graphql.error import located_error

from engine.positions import Position

Keys = tuple[str | int, ...]


class Failures:
    """The failures of one execution. With `propagate` off, a failure makes null only its own place."""

    def __init__(self, *, propagate: bool) -> None:
        self._propagate = propagate
        self._met: list[tuple[tuple[int, tuple[int, ...]], GraphQLError, Keys, Keys]] = []
        self._gone: list[Keys] = []
        self.everything_null = False

    def add(self, position: Position, error: Exception, *, rounds: int) -> None:
        """`rounds`: how often execution had waited before."""
        self._add(position, error, (rounds, position.order()))

    def add_broken(self, position: Position, error: Exception, items: int, *, rounds: int) -> None:
        """A list that broke off after some items, whose own failures came before."""
        self._add(position, error, (rounds, (*position.order(), items)))
        self._gone.append(tuple(position.path().as_list()))

    def _add(self, position: Position, error: Exception, when: tuple[int, tuple[int, ...]]) -> None:
        place: Keys = tuple(position.path().as_list())
        nullable = position.nearest_nullable() if self._propagate else position
        target: Keys = tuple(nullable.path().as_list()) if nullable else ()
        located = located_error(error, position.field.nodes, list(place))
        self._met.append((when, located, place, target))
        if target != place:
            self._gone.append(target)
        self.everything_null = self.everything_null or not target

    def take_gone(self) -> list[Keys]:
        """Places of objects and lists that have become null since this was last asked."""
        gone, self._gone = self._gone, []
        return gone

    def __bool__(self) -> bool:
        return bool(self._met)

    def settle(self, data: dict[str, Any]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """The answer with everything null that has to be, and the errors that graphql-core would report."""
        gone: set[Keys] = set()
        reported: list[GraphQLError] = []
        for _, error, place, target in sorted(self._met, key=itemgetter(0)):
            if not any(place[:length] in gone for length in range(len(place) + 1)):
                reported.append(error)
                gone.add(target)
        for target in gone:
            _make_null(data, target)
        return (None if () in gone else data), reported


def _make_null(data: Any, target: Keys) -> None:
    for key in target[:-1]:
        data = data[key]
        if data is None:
            return
    if target:
        data[target[-1]] = None
