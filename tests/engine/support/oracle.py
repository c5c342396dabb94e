"""A census of all failures of a run, for positions at which several failures compete to be reported.

If a non-null field fails, graphql-core nulls its nearest nullable parent and ignores later failures of that parent's
other fields. So it reports the first of several failures. With awaitables, time decides which failure is the first. The
census is a third run: it nulls nothing, ignores nothing, and records for each error the position that it would null.
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
    """One error and the position that it would null by itself. The position is empty if all data becomes null."""

    key: Any
    nulls: Position


class KeepAll(CollectedErrors):
    def add(self, error: GraphQLError, path: Path | None) -> None:
        del path  # nulls above are ignored
        self._errors.append(error)


class Census:
    """Records every failure of a run. graphql-core receives its `executor_class`."""

    def __init__(self, key: Callable[[GraphQLError], Any], event: int | None = None) -> None:
        self.hard: dict[Position, bool] = {}
        self.errors: list[tuple[GraphQLError, Position]] = []
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
                executor: Any = super().build_per_event_executor(payload)
                executor.collected_errors = KeepAll()
                executor.event = census.next_event()
                return executor

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
        """Returns the number of the next event of a subscription.

        Each event is an execution with its own positions. An event may still fail after the next one has begun.
        """
        self._events += 1
        return self._events - 1

    def report(self, error: GraphQLError, path: Path, event: int | None) -> None:
        if event == self.only_event:
            self.errors.append((error, tuple(path.as_list())))

    def note(self, path: Path, return_type: Any, event: int | None) -> None:
        """Records whether a position is non-null. The first call for a position has its outermost type."""
        if event == self.only_event:
            self.hard.setdefault(tuple(path.as_list()), is_hard(return_type))

    def _nulled(self, position: Position) -> Position:
        while position and self.hard[position]:
            position = position[:-1]
        return position

    def failures(self) -> list[Failure]:
        return [Failure(self._key(error), self._nulled(position)) for error, position in self.errors]


def objections(reported: list[Any], failures: list[Failure]) -> list[str]:
    """Returns what is wrong with the reported errors, compared with all failures.

    Each nulled position needs exactly one of the errors that null it. A position inside another nulled position needs
    at most one, because its error may have been ignored.
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
