"""The execution of one field for one batch, and its values that wait for awaitables."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.positions import Batch, ResponsePosition, Slots, SlotSubset

if TYPE_CHECKING:
    from engine.execution import Execution
    from engine.plan import Field

ColumnValues = list[Any]
"""Values of one field in order. None stands for null, for failures, and for pending values, which are set later."""


class FieldExecution:
    """The execution of one field for all objects of a batch.

    `rounds` is the number of times that the whole execution had waited before this one began.
    """

    __slots__ = ("batch", "execution", "field", "rounds")

    def __init__(self, execution: "Execution", field: "Field", batch: Batch, rounds: int) -> None:
        self.execution = execution
        self.field = field
        self.batch = batch
        self.rounds = rounds

    def position(self, index: int) -> ResponsePosition:
        """Returns the position of this field in one of the batch's objects."""
        return ResponsePosition(self.batch, index, self.field)

    def put(self, index: int, value: Any) -> None:
        self.batch.outputs[index][self.field.key] = value

    def fail(self, slots: Slots, index: int, error: Exception) -> None:
        self.execution.failures.add(slots.position(index), error, rounds=self.rounds)

    def fail_null(self, slots: Slots, index: int) -> None:
        self.fail(slots, index, TypeError(f"Cannot return null for non-nullable field {self.field.coordinate}."))

    def complete_later(
        self,
        awaitables: Sequence[Awaitable[Any]],
        slots: Slots,
        indices: Sequence[int],
        continuation: "Callable[[FieldExecution, Slots, list[Any]], ColumnValues]",
    ) -> None:
        """Schedules the completion of the values at these indices.

        `awaitables` are one per index, or a single one for all of them.
        """
        subset = SlotSubset(slots, indices)
        self.execution.scheduler.add(PendingValues(self, awaitables, subset, len(indices), continuation))


class Abandoned(Exception):
    """Stands for a result that is not needed, because a failure has made its position null."""


class PendingValues:
    """Values that wait for awaitables: one per slot of `size` slots, or a single one for all of them."""

    __slots__ = ("_continuation", "_field_execution", "_size", "_slots", "awaitables", "missing", "results")

    def __init__(
        self,
        field_execution: FieldExecution,
        awaitables: Sequence[Awaitable[Any]],
        slots: Slots,
        size: int,
        continuation: Callable[[FieldExecution, Slots, list[Any]], ColumnValues],
    ) -> None:
        self._field_execution = field_execution
        self._slots = slots
        self._size = size
        self._continuation = continuation
        self.awaitables = awaitables
        self.results: list[Any] = [None] * len(awaitables)
        self.missing = set(range(len(awaitables)))

    @property
    def waits(self) -> int:
        """The number of times that the execution had waited before it executed the field."""
        return self._field_execution.rounds

    @property
    def coordinate(self) -> str:
        """The field, such as `User.posts`."""
        return self._field_execution.field.coordinate

    def set_result(self, index: int, result: Any) -> None:
        """Sets a result, or the exception that was raised instead."""
        self.results[index] = result
        self.missing.discard(index)

    def finish(self) -> None:
        """Completes the results and puts them into their slots. Their failures belong to the next round."""
        before = self._field_execution
        field_execution = FieldExecution(before.execution, before.field, before.batch, before.rounds + 1)
        for index, value in enumerate(self._continuation(field_execution, self._slots, self.results)):
            self._slots.put(index, value)

    def unneeded(self, nulled: Sequence[tuple[str | int, ...]]) -> list[int]:
        """Returns the missing awaitables whose values are all below one of the nulled paths."""
        if () in nulled:
            return list(self.missing)
        paths = [tuple(self._slots.position(index).path().as_list()) for index in range(self._size)]
        is_below = [any(path[: len(keys)] == keys for keys in nulled) for path in paths]
        if len(self.results) != self._size:
            return list(self.missing) if all(is_below) else []
        return [index for index in self.missing if is_below[index]]
