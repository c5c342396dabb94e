"""Failures of fields: which positions they null, and which of them become errors of the response.

graphql-core meets failures depth first, and skips everything below a position that a failure has nulled. Executing
level by level meets failures in another order. So they are collected during the execution and evaluated at its end.
"""

from operator import itemgetter
from typing import Any

from graphql import GraphQLError
from graphql.error import located_error

from engine.positions import ResponsePosition

PathKeys = tuple[str | int, ...]


class Failures:
    """The failures of one execution. Without `propagate`, a failure nulls only its own position."""

    def __init__(self, *, propagate: bool) -> None:
        self._propagate = propagate
        self._failures: list[tuple[tuple[int, tuple[int, ...]], GraphQLError, PathKeys, PathKeys]] = []
        self._nulled: list[PathKeys] = []
        self.everything_null = False

    def add(self, position: ResponsePosition, error: Exception, *, rounds: int) -> None:
        """Adds a failure. `rounds` is the number of times that execution had waited before."""
        self._add(position, error, (rounds, position.order()))

    def add_partial_list(self, position: ResponsePosition, error: Exception, items: int, *, rounds: int) -> None:
        """Adds the failure of an iterable that raised after some items. Failures of these items sort before it."""
        self._add(position, error, (rounds, (*position.order(), items)))
        self._nulled.append(tuple(position.path().as_list()))

    def _add(self, position: ResponsePosition, error: Exception, order: tuple[int, tuple[int, ...]]) -> None:
        path: PathKeys = tuple(position.path().as_list())
        nullable = position.nearest_nullable() if self._propagate else position
        nulled: PathKeys = tuple(nullable.path().as_list()) if nullable else ()
        located = located_error(error, position.field.nodes, list(path))
        self._failures.append((order, located, path, nulled))
        if nulled != path:
            self._nulled.append(nulled)
        self.everything_null = self.everything_null or not nulled

    def take_nulled(self) -> list[PathKeys]:
        """Returns the paths of objects and lists that became null since the last call."""
        nulled, self._nulled = self._nulled, []
        return nulled

    def __bool__(self) -> bool:
        return bool(self._failures)

    def settle(self, data: dict[str, Any]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """Returns the data with its nulled positions set to null, and the errors that graphql-core would report."""
        all_nulled: set[PathKeys] = set()
        reported: list[GraphQLError] = []
        for _, error, path, nulled in sorted(self._failures, key=itemgetter(0)):
            if not any(path[:length] in all_nulled for length in range(len(path) + 1)):
                reported.append(error)
                all_nulled.add(nulled)
        for nulled in all_nulled:
            _set_null(data, nulled)
        return (None if () in all_nulled else data), reported


def _set_null(data: Any, path: PathKeys) -> None:
    for key in path[:-1]:
        data = data[key]
        if data is None:
            return
    if path:
        data[path[-1]] = None
