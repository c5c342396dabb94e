"""Where a value stands in the answer: found out only when somebody asks, for an error or for `info.path`."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from graphql.pyutils import Path

from engine.readers import Variant

if TYPE_CHECKING:
    from engine.plan import Field, Selection


_DICT = {dict}


class Place(Protocol):
    """Values of one field, of which each has a position."""

    def position(self, index: int) -> "Position":
        """The position of the value at this index."""
        ...

    def put(self, index: int, value: Any) -> None:
        """Put a completed value where the one at this index belongs."""
        ...


class Batch:
    """All the objects of one level that share a selection.

    `sources` are what resolvers get, of the classes `kinds`; `outs` are the dicts of the answer, in the same order.
    `origin` are the values that the objects came from (None for the root), `members` their indices among these (None:
    all, in order). `rounds` is how often execution had to wait before these objects were there.
    """

    __slots__ = ("kinds", "members", "origin", "outs", "rounds", "selection", "sources", "variant")

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of
        self,
        selection: "Selection",
        sources: list[Any],
        kinds: set[type],
        origin: Place | None = None,
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
        self.outs: list[dict[str, Any]]

    def position(self, index: int) -> "Position | None":
        """The position of an object; None for the root."""
        if self.origin is None:
            return None
        return self.origin.position(index if self.members is None else self.members[index])


class Items:
    """The items of lists, one list after another: `counts` has the length of each list of `lists`."""

    __slots__ = ("_counts", "_ends", "_lists")

    def __init__(self, lists: Place, counts: Sequence[int]) -> None:
        self._lists = lists
        self._counts = counts
        self._ends: list[int] = []

    def position(self, index: int) -> "Position":
        if not self._ends:
            self._ends = list(accumulate(self._counts))
        which = bisect_right(self._ends, index)
        return self._lists.position(which).item(index - (self._ends[which - 1] if which else 0))

    def put(self, index: int, value: Any) -> None:
        self.position(index).put(value)


class Some:
    """Some of the values of a place."""

    __slots__ = ("_indices", "_place")

    def __init__(self, place: Place, indices: Sequence[int]) -> None:
        self._place = place
        self._indices = indices

    def position(self, index: int) -> "Position":
        return self._place.position(self._indices[index])

    def put(self, index: int, value: Any) -> None:
        self._place.put(self._indices[index], value)


class Position:
    """A field of the object `index` of `batch`, and the list indices within its value."""

    __slots__ = ("_path", "batch", "field", "index", "indices")

    def __init__(self, batch: Batch, index: int, field: "Field", indices: tuple[int, ...] = ()) -> None:
        self._path: Path | None = None
        self.batch = batch
        self.index = index
        self.field = field
        self.indices = indices

    def item(self, index: int) -> "Position":
        """The position of an item of the list that stands here."""
        return Position(self.batch, self.index, self.field, (*self.indices, index))

    def put(self, value: Any) -> None:
        """Put a value there, unless there is nothing any more to put it into."""
        holder: Any = self.batch.outs[self.index]
        key: str | int = self.field.key
        for index in self.indices:
            holder = holder[key]
            if holder is None:
                return
            key = index
        holder[key] = value

    def path(self) -> Path:
        """As graphql-core writes it in `info.path`."""
        if self._path is None:
            parent = self.batch.position(self.index)
            self._path = Path(parent and parent.path(), self.field.key, self.field.parent_type.name)
            for index in self.indices:
                self._path = Path(self._path, index, None)
        return self._path

    def order(self) -> tuple[int, ...]:
        """Sorts positions in the order of a depth-first execution."""
        parent = self.batch.position(self.index)
        return (*(parent.order() if parent else ()), self.field.place, *self.indices)

    def nearest_nullable(self) -> "Position | None":
        """This position or the nearest above that may be null; None when only the whole answer may."""
        for depth in range(len(self.indices), -1, -1):
            if not self.field.nonnull[depth]:
                return Position(self.batch, self.index, self.field, self.indices[:depth])
        parent = self.batch.position(self.index)
        return parent.nearest_nullable() if parent else None
