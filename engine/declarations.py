"""What a schema may say of its fields and types, so that one call serves all the objects of a level.

A declaration stands in `GraphQLField.extensions["engine"]` (or a type's) and promises that the field's own resolver
gives the same values. Where a level cannot be read as declared (a value is missing, a row is no mapping), the resolver
is called for each object instead; declarations are never needed for a right answer, only for a fast one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

EXTENSION = "engine"


@dataclass(frozen=True, slots=True)
class Column:
    """The value is `source[key]`."""

    key: str


@dataclass(frozen=True, slots=True)
class Derived:
    """The value is `compute(source)`: pure, without arguments and never awaitable."""

    compute: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Level:
    """`resolve(sources, info, **arguments)` gives one value per source, in order, or an awaitable of them.

    A value may be an exception. `info` is that of the first source. For `explain`: `loader` names what is asked, and
    nothing is asked where sources have the value in `inlined`.
    """

    resolve: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
    loader: str
    inlined: str | None = None


@dataclass(frozen=True, slots=True)
class Direct:
    """The resolver comes to `function(...)`, given by position what `takes` says and, by name, the arguments.

    An argument goes by the name that `names` has for it; `wrap_info` makes the info that is given of graphql-core's.
    Unlike the others this promises no purity: the function is called once for each object.
    """

    function: Callable[..., Any]
    takes: Sequence[Literal["source", "info"]]
    names: Mapping[str, str]
    wrap_info: Callable[[Any], Any]


class Typename(NamedTuple):
    """Sources that are dicts say under `key` what they are.

    On an object type: a dict is of this type if it says `value`, or nothing. On an interface or a union: a dict says
    the name of its type, and `value` is not looked at.
    """

    key: str
    value: str


def declaration(owner: Any) -> Any:
    """What a `GraphQLField` or a named type declares, or None."""
    return owner.extensions.get(EXTENSION)
