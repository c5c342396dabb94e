"""`info` for resolvers: graphql-core's class, with a path that is computed when it is read."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

from engine.graphql_core import AnyExecutor, AnyInfo
from engine.positions import Batch, InfoPosition

if TYPE_CHECKING:
    from engine.plan import Field

_PATH = GraphQLResolveInfo._fields.index("path")
_BEFORE, _AFTER = slice(_PATH), slice(_PATH + 1, None)


@cache
def _lazy(info_class: type[tuple[Any, ...]]) -> type[tuple[Any, ...]]:
    """Returns a subclass of an info class whose tuple contains a position instead of the path."""

    def path(self: tuple[Any, ...]) -> Path:
        return tuple.__getitem__(self, _PATH).path()

    def iterate(self: tuple[Any, ...]) -> Iterator[Any]:
        for index in range(len(self)):
            yield path(self) if index == _PATH else tuple.__getitem__(self, index)

    return type(info_class.__name__, (info_class,), {"__slots__": (), "path": property(path), "__iter__": iterate})


def info_for(executor: AnyExecutor, field: "Field", batch: Batch, index: int) -> AnyInfo:
    """Returns the info of the field of one object."""
    position: Any = InfoPosition(executor, batch, index, field)
    info: Any = executor.build_resolve_info(field.definition, field.nodes, field.parent_type, position)
    new: Any = tuple.__new__
    return new(_lazy(info.__class__), info)


def info_maker(executor: AnyExecutor, field: "Field", batch: Batch) -> Callable[[int], AnyInfo]:
    """Returns a function from the index of an object to the info of its field. It is faster for many objects."""
    first: Any = info_for(executor, field, batch, 0)
    if len(batch.sources) == 1:
        return lambda _index: first
    new: Any = tuple.__new__
    info_class: Any = type(first)
    head, tail = tuple.__getitem__(first, _BEFORE), tuple.__getitem__(first, _AFTER)

    def make(index: int) -> AnyInfo:
        return new(info_class, (*head, InfoPosition(executor, batch, index, field), *tail))

    return make


def position_of(info: AnyInfo) -> InfoPosition | None:
    """Returns the position that an info of the engine contains, or None for one of graphql-core."""
    position: Any = tuple.__getitem__(info, _PATH)
    return position if isinstance(position, InfoPosition) else None
