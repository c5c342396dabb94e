"""Everything that could have failed in a run, for places where several failures compete to be reported.

When a field that may not be null fails, graphql-core nulls its nearest parent that may be, drops what that parent's
other fields have yet to say, and so reports of several failures the one that came first. When something is awaited,
which one that is depends on time. So there is a third run: nothing is nulled, nothing is dropped, and for every error
it is noted which position it would have nulled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from graphql.execution.executor import CollectedErrors, Executor
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path

from tests.engine.support.kinds import is_hard

Position = tuple[str | int, ...]


@dataclass(frozen=True)
class Failure:
    """One error and where null stood if it were alone; the position of a request that fails whole is empty."""

    key: Any
    nulls: Position


class KeepAll(CollectedErrors):
    def add(self, error: GraphQLError, path: Path | None) -> None:
        del path  # it is not asked what is null above
        self._errors.append(error)


class Census:
    """Notes every failure of a run. Its `executor_class` goes to graphql-core."""

    def __init__(self, key: Callable[[GraphQLError], Any], event: int | None = None) -> None:
        self.hard: dict[Position, bool] = {}
        self.found: list[tuple[GraphQLError, Position]] = []
        self.only_event = event
        self._events = 0
        self._key = key
        self.executor_class: type[Executor[Any]] = self._make()

    def _make(self) -> type[Executor[Any]]:
        census = self

        class Counting(ExecutorThrowingOnIncremental):
            event: int | None = None

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.error_propagation = False
                self.collected_errors = KeepAll()

            def build_per_event_executor(self, payload: Any) -> Executor[Any]:
                made: Any = super().build_per_event_executor(payload)
                made.collected_errors = KeepAll()
                made.event = census.next_event()
                return made

            def handle_field_error(
                self, raw_error: Exception, return_type: Any, field_details_list: Any, path: Path
            ) -> None:
                census.note(path, return_type, self.event)
                super().handle_field_error(raw_error, return_type, field_details_list, path)
                census.report(self.collected_errors.errors[-1], path, self.event)

            def complete_value(self, *args: Any, **kwargs: Any) -> Any:
                census.note(args[3], args[0], self.event)
                return super().complete_value(*args, **kwargs)

        return Counting

    def next_event(self) -> int:
        """Each event of a subscription is an execution of its own, with positions of its own.

        One may still fail somewhere when the next has begun.
        """
        self._events += 1
        return self._events - 1

    def report(self, error: GraphQLError, path: Path, event: int | None) -> None:
        if event == self.only_event:
            self.found.append((error, tuple(path.as_list())))

    def note(self, path: Path, return_type: Any, event: int | None) -> None:
        """The first type that is asked for at a position is the whole one: afterwards its inner type is."""
        if event == self.only_event:
            self.hard.setdefault(tuple(path.as_list()), is_hard(return_type))

    def _nulled(self, position: Position) -> Position:
        while position and self.hard[position]:
            position = position[:-1]
        return position

    def failures(self) -> list[Failure]:
        return [Failure(self._key(error), self._nulled(position)) for error, position in self.found]


def objections(reported: list[Any], failures: list[Failure]) -> list[str]:
    """What is wrong with errors that were reported, given all that could have been.

    Per position that ends up null: exactly one of the errors that null it, if it is not inside another such position,
    where it might have been dropped; then, at most one.
    """
    by_key: dict[Any, list[Position]] = {}
    for failure in failures:
        by_key.setdefault(failure.key, []).append(failure.nulls)
    taken: dict[Position, int] = {}
    wrong: list[str] = []
    for key in reported:
        positions = by_key.get(key)
        if not positions:
            wrong.append(f"an error that never happened, or that was reported twice: {key}")
            continue
        position = positions.pop()
        taken[position] = taken.get(position, 0) + 1
    nulled = {failure.nulls for failure in failures}
    for position in sorted(nulled, key=repr):
        within = any(position[:depth] in nulled for depth in range(len(position)))
        count = taken.get(position, 0)
        if count > 1:
            wrong.append(f"{count} errors null {list(position)}, which only the first can")
        elif not count and not within:
            wrong.append(f"no error says why {list(position)} is null")
    return wrong
