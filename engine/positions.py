"""Batches, and the positions of their values in the response.

A path is computed only when an error or `info.path` needs it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from graphql.pyutils import Path

from engine.graphql_core import AnyExecutor
from engine.readers import Variant

if TYPE_CHECKING:
    from engine.plan import Field, Selection


_DICT = {dict}


class Slots(Protocol):
    """The positions in the response of the values of one column."""

    def position(self, index: int) -> "ResponsePosition":
        """Returns the position of the value at this index."""
        ...

    def put(self, index: int, value: Any) -> None:
        """Puts a completed value into the response, at the position of this index."""
        ...


class Batch:
    """All objects of one level that share a selection.

    `sources` are the values that resolvers receive, of the classes `kinds`; `outputs` are the dicts of the response, in
    the same order. `origin` are the slots of the column that contained the objects (None for the root), `members` the
    indices of the objects in that column (None: all, in order). `rounds` is the number of times that execution had
    waited before these objects were available.
    """

    __slots__ = ("kinds", "members", "origin", "outputs", "rounds", "selection", "sources", "variant")

    def __init__(  # noqa: PLR0913, PLR0917 - one parameter per attribute
        self,
        selection: "Selection",
        sources: list[Any],
        kinds: set[type],
        origin: Slots | None = None,
        members: Sequence[int] | None = None,
        rounds: int = 0,
    ) -> None:
        self.selection = selection
        self.sources = sources
        self.kinds = kinds
        self.variant = Variant.DICTS if kinds == _DICT else Variant.of(kinds)
        self.origin = origin
        self.members = members
        self.rounds = rounds
        self.outputs: list[dict[str, Any]]

    def position(self, index: int) -> "ResponsePosition | None":
        """Returns the position of an object, or None for the root."""
        if self.origin is None:
            return None
        return self.origin.position(index if self.members is None else self.members[index])


class ItemSlots:
    """The slots of the items of lists, one list after another. `counts` contains the length of each list."""

    __slots__ = ("_counts", "_ends", "_lists")

    def __init__(self, lists: Slots, counts: Sequence[int]) -> None:
        self._lists = lists
        self._counts = counts
        self._ends: list[int] = []

    def position(self, index: int) -> "ResponsePosition":
        if not self._ends:
            self._ends = list(accumulate(self._counts))
        list_index = bisect_right(self._ends, index)
        start = self._ends[list_index - 1] if list_index else 0
        return self._lists.position(list_index).item(index - start)

    def put(self, index: int, value: Any) -> None:
        self.position(index).put(value)


class SlotSubset:
    """A subset of other slots."""

    __slots__ = ("_indices", "_slots")

    def __init__(self, slots: Slots, indices: Sequence[int]) -> None:
        self._slots = slots
        self._indices = indices

    def position(self, index: int) -> "ResponsePosition":
        return self._slots.position(self._indices[index])

    def put(self, index: int, value: Any) -> None:
        self._slots.put(self._indices[index], value)


class ResponsePosition:
    """A position in the response: a field of the object `index` of `batch`, and list indices within its value."""

    __slots__ = ("_path", "batch", "field", "index", "indices")

    def __init__(self, batch: Batch, index: int, field: "Field", indices: tuple[int, ...] = ()) -> None:
        self._path: Path | None = None
        self.batch = batch
        self.index = index
        self.field = field
        self.indices = indices

    def item(self, index: int) -> "ResponsePosition":
        """Returns the position of an item of the list at this position."""
        return ResponsePosition(self.batch, self.index, self.field, (*self.indices, index))

    def put(self, value: Any) -> None:
        """Puts a value at this position, unless a list around it has become null."""
        container: Any = self.batch.outputs[self.index]
        key: str | int = self.field.key
        for index in self.indices:
            container = container[key]
            if container is None:
                return
            key = index
        container[key] = value

    def path(self) -> Path:
        """Returns the path as graphql-core's class, which `info.path` contains."""
        if self._path is None:
            parent = self.batch.position(self.index)
            self._path = Path(parent and parent.path(), self.field.key, self.field.parent_type.name)
            for index in self.indices:
                self._path = Path(self._path, index, None)
        return self._path

    def order(self) -> tuple[int, ...]:
        """Returns a key that sorts positions in the order of a depth-first execution."""
        parent = self.batch.position(self.index)
        return (*(parent.order() if parent else ()), self.field.index, *self.indices)

    def nearest_nullable(self) -> "ResponsePosition | None":
        """Returns this position or the nearest ancestor that may be null; None if only the whole data may be null."""
        for depth in range(len(self.indices), -1, -1):
            if not self.field.nonnull[depth]:
                return ResponsePosition(self.batch, self.index, self.field, self.indices[:depth])
        parent = self.batch.position(self.index)
        return parent.nearest_nullable() if parent else None


class InfoPosition(ResponsePosition):
    """The position of an info, with the executor, which can compile the sub-selections of its field."""

    __slots__ = ("executor",)

    def __init__(self, executor: AnyExecutor, batch: Batch, index: int, field: "Field") -> None:
        super().__init__(batch, index, field)
        self.executor = executor
