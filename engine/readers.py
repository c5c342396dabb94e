"""Readers, which read the values of a field from sources without a resolver."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol


class Variant(Enum):
    """The variant of a batch's sources, which determines how their fields can be read."""

    DICTS = "dicts"
    OBJECTS = "objects"  # no source is a mapping
    ANYTHING = "anything"

    @classmethod
    def of(cls, kinds: set[type]) -> "Variant":
        if kinds == {dict}:
            return cls.DICTS
        return cls.ANYTHING if any(map(_is_mapping, kinds)) else cls.OBJECTS

    __hash__ = object.__hash__  # that of `Enum` is Python code, and every batch looks its builder up


@lru_cache(maxsize=256)
def _is_mapping(kind: type) -> bool:
    """Returns whether instances of a class are mappings. A check of an abstract class takes longer than a look-up."""
    return issubclass(kind, Mapping)


Bind = Callable[[Any], str]
"""Binds a value to a name in generated code, and returns the name."""


class Reader(Protocol):
    """Reads the values of one field from sources."""

    finds_callables: bool
    """True if the values may be callables, which the default resolver would call."""

    def code(self, variant: Variant, bind: Bind, /) -> str | None:
        """Returns an expression for the value of source `o`, or None if the variant is not supported."""
        ...

    def read(self, variant: Variant, sources: Sequence[Any], /) -> list[Any] | None:
        """Returns the values of all sources, or None if the variant is not supported."""
        ...


class ConstantReader:
    """Reads the same string for every source."""

    finds_callables = False

    def __init__(self, value: str) -> None:
        self.value = value

    def code(self, _variant: Variant, _bind: Bind) -> str:
        return repr(self.value)

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        return [self.value] * len(sources)


class ColumnReader:
    """Reads `source[key]`."""

    finds_callables = False

    def __init__(self, key: str) -> None:
        self.key = key

    def code(self, _variant: Variant, bind: Bind) -> str:
        return f"o[{repr(self.key) if type(self.key) is str else bind(self.key)}]"

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        key = self.key
        return [source[key] for source in sources]


class DerivedReader:
    """Calls a pure function with the source."""

    finds_callables = False

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute = compute

    def code(self, _variant: Variant, bind: Bind) -> str:
        return f"{bind(self.compute)}(o)"

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        return [*map(self.compute, sources)]


class DefaultReader:
    """Reads a key or an attribute as graphql-core's default resolver does. It does not call callables."""

    finds_callables = True

    def __init__(self, name: str) -> None:
        self.name = name

    def code(self, variant: Variant, _bind: Bind) -> str | None:
        if variant is Variant.ANYTHING:
            return None
        return f"o.get({self.name!r})" if variant is Variant.DICTS else f"getattr(o, {self.name!r}, None)"

    def read(self, variant: Variant, sources: Sequence[Any]) -> list[Any] | None:
        name = self.name
        if variant is Variant.ANYTHING:
            return None
        if variant is Variant.DICTS:
            return [source.get(name) for source in sources]
        return [getattr(source, name, None) for source in sources]
