"""A strand: the answering of one field for one batch, and what it cannot do before results are there."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.positions import Batch, Place, Position, Some

if TYPE_CHECKING:
    from engine.execution import Execution
    from engine.plan import Field

Column = list[Any]
"""Values of one field in order; None for what is null, has failed, or is not there yet and will be put in its place."""


class Strand:
    """`rounds` is how often execution had to wait before it got here."""

    __slots__ = ("batch", "execution", "field", "rounds")

    def __init__(self, execution: "Execution", field: "Field", batch: Batch, rounds: int) -> None:
        self.execution = execution
        self.field = field
        self.batch = batch
        self.rounds = rounds

    def position(self, index: int) -> Position:
        """The position of the field of one of the batch's objects."""
        return Position(self.batch, index, self.field)

    def put(self, index: int, value: Any) -> None:
        self.batch.outs[index][self.field.key] = value

    def fail(self, place: Place, index: int, error: Exception) -> None:
        self.execution.failures.add(place.position(index), error, rounds=self.rounds)

    def fail_null(self, place: Place, index: int) -> None:
        self.fail(place, index, TypeError(f"Cannot return null for non-nullable field {self.field.coordinate}."))

    def go_on_later(
        self,
        awaitables: Sequence[Awaitable[Any]],
        place: Place,
        indices: Sequence[int],
        go_on: "Callable[[Strand, Place, list[Any]], Column]",
    ) -> None:
        """Complete what belongs to the indices when there are results, one for each index or one for all of them."""
        self.execution.waiting.add(Late(self, awaitables, Some(place, indices), len(indices), go_on))


class Abandoned(Exception):
    """In the place of a result that nobody needs any more, since a failure has made null what it was for."""


class Late:
    """Values that wait for awaitables: one for each of `size` values of `place`, or one for all."""

    __slots__ = ("_go_on", "_place", "_size", "_strand", "awaitables", "missing", "results")

    def __init__(
        self,
        strand: Strand,
        awaitables: Sequence[Awaitable[Any]],
        place: Place,
        size: int,
        go_on: Callable[[Strand, Place, list[Any]], Column],
    ) -> None:
        self._strand = strand
        self._place = place
        self._size = size
        self._go_on = go_on
        self.awaitables = awaitables
        self.results: list[Any] = [None] * len(awaitables)
        self.missing = set(range(len(awaitables)))

    def set_result(self, index: int, result: Any) -> None:
        """A result, or the exception that there is instead."""
        self.results[index] = result
        self.missing.discard(index)

    def finish(self) -> None:
        """Put the values where they belong. Failures count as a round later than the strand's."""
        was = self._strand
        strand = Strand(was.execution, was.field, was.batch, was.rounds + 1)
        for index, value in enumerate(self._go_on(strand, self._place, self.results)):
            self._place.put(index, value)

    def below(self, gone: Sequence[tuple[str | int, ...]]) -> list[int]:
        """The awaitables still missing of which every value is below one of the places that are gone."""
        if () in gone:
            return list(self.missing)
        paths = [tuple(self._place.position(index).path().as_list()) for index in range(self._size)]
        unneeded = [any(path[: len(keys)] == keys for keys in gone) for path in paths]
        if len(self.results) != self._size:
            return list(self.missing) if all(unneeded) else []
        return [index for index in self.missing if unneeded[index]]
