"""Declarations on fields and types of a schema, which let the engine read a field once for all objects of a level.

A declaration is the value of `extensions["engine"]` of a field or a type. It promises that the field's own resolver
returns the same values. If a level cannot be read as declared (a value is missing, a row is not a mapping), the engine
calls the resolver for each object instead. So declarations affect speed and never results.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

EXTENSION = "engine"


@dataclass(frozen=True, slots=True)
class Column:
    """Declares that the value is `source[key]`."""

    key: str


@dataclass(frozen=True, slots=True)
class Derived:
    """Declares that the value is `compute(source)`: a pure function without arguments that never returns awaitables."""

    compute: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Level:
    """Declares that `resolve(sources, info, **arguments)` returns one value per source, or an awaitable of these.

    The values are in the order of the sources. A value may be an exception. `info` is that of the first source. Only
    `explain` reads the other two: `loader` is the loader's name, empty if nothing is loaded, and sources that contain
    the key `inlined` need no load.
    """

    resolve: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
    loader: str
    inlined: str | None = None


@dataclass(frozen=True, slots=True)
class Direct:
    """Declares that the resolver is equivalent to `function(...)`, which the engine then calls directly.

    `takes` lists the positional parameters. Arguments are passed by keyword; `names` maps an argument's name to its
    keyword. `wrap_info` converts graphql-core's info into the one that the function takes. Unlike the other
    declarations this one does not promise purity: the function is called once per object.
    """

    function: Callable[..., Any]
    takes: Sequence[Literal["source", "info"]]
    names: Mapping[str, str]
    wrap_info: Callable[[Any], Any]


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
