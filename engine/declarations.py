"""Declarations on fields and types of a schema, which let the engine read a field once for all objects of a level.

A declaration is the value of `extensions["engine"]` of a field or a type. It promises that the field's own resolver
returns the same values. If a level cannot be read as declared (a value is missing, a row is not a mapping), the engine
calls the resolver for each object instead. So declarations affect speed and never results.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

EXTENSION = "engine"


Reads = Collection[str] | None
"""The columns of its source that a field reads. None: they are not known, so that all columns have to be there."""


@dataclass(frozen=True, slots=True)
class Column:
    """Declares that the value is `source[key]`.

    With `contains_rows`, the value contains rows whose columns a statement selects, such as a page.
    """

    key: str
    contains_rows: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """Declares that the value is `compute(source)`: a pure function without arguments that never returns awaitables.

    `reads` are the columns of the source that it reads. `contains_rows` has the meaning of `Column`.
    """

    compute: Callable[[Any], Any]
    reads: Reads = None
    contains_rows: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Declares that `resolve(sources, info, **arguments)` returns one value per source, or an awaitable of these.

    The values are in the order of the sources. A value may be an exception. `info` is that of the first source.
    `reads` are the columns of the sources that it reads. Only `explain` reads the other two: `loader` is the loader's
    name, empty if nothing is loaded, and sources that contain the key `inlined` need no load.
    """

    resolve: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
    loader: str
    inlined: str | None = None
    reads: Reads = None


@dataclass(frozen=True, slots=True)
class Direct:
    """Declares that the resolver is equivalent to `function(...)`, which the engine then calls directly.

    `takes` lists the positional parameters. Arguments are passed by keyword; `names` maps an argument's name to its
    keyword. `wrap_info` converts graphql-core's info into the one that the function takes. `reads` are the columns of
    the source that it reads. Unlike the other declarations this one does not promise purity: the function is called
    once per object.
    """

    function: Callable[..., Any]
    takes: Sequence[Literal["source", "info"]]
    names: Mapping[str, str]
    wrap_info: Callable[[Any], Any]
    reads: Reads = None


class Typename(NamedTuple):
    """Declares that source dicts contain the name of their type under `key`.

    On an object type, a dict is of this type if it has `value` under the key, or no such key. On an interface or a
    union, the dict has its type's name under the key, and `value` is ignored.
    """

    key: str
    value: str


def declaration(owner: Any) -> Any:
    """Returns the declaration of a `GraphQLField` or a named type, or None."""
    return owner.extensions.get(EXTENSION)
