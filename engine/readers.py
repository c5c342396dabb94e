"""How a field's values are read from sources when no resolver has to be called."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol


class Variant(Enum):
    """What the sources of a batch are, which decides how their fields can be read."""

    DICTS = "dicts"
    OBJECTS = "objects"  # none of them a mapping
    ANYTHING = "anything"

    @classmethod
    def of(cls, kinds: set[type]) -> "Variant":
        if kinds == {dict}:
            return cls.DICTS
        return cls.ANYTHING if any(issubclass(kind, Mapping) for kind in kinds) else cls.OBJECTS


Bind = Callable[[Any], str]
"""Makes a value known to generated code; gives its name there."""


class Reader(Protocol):
    """One way of reading."""

    finds_callables: bool
    """Whether a resolver would call what it finds, if it can be called."""

    def code(self, variant: Variant, bind: Bind, /) -> str | None:
        """An expression for the value of source `o`; None where this way does not lead there."""
        ...

    def read(self, variant: Variant, sources: Sequence[Any], /) -> list[Any] | None:
        """The values of all sources; None where this way does not lead there."""
        ...


class ConstantReader:
    """The same string for every source."""

    finds_callables = False

    def __init__(self, value: str) -> None:
        self.value = value

    def code(self, _variant: Variant, _bind: Bind) -> str:
        return repr(self.value)

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        return [self.value] * len(sources)


class ColumnReader:
    """`source[key]`."""

    finds_callables = False

    def __init__(self, key: str) -> None:
        self.key = key

    def code(self, _variant: Variant, bind: Bind) -> str:
        return f"o[{repr(self.key) if type(self.key) is str else bind(self.key)}]"

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        key = self.key
        return [source[key] for source in sources]


class DerivedReader:
    """A pure function of the source."""

    finds_callables = False

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute = compute

    def code(self, _variant: Variant, bind: Bind) -> str:
        return f"{bind(self.compute)}(o)"

    def read(self, _variant: Variant, sources: Sequence[Any]) -> list[Any]:
        return [*map(self.compute, sources)]


class DefaultReader:
    """As graphql-core's default resolver reads, as long as what it finds is nothing to call."""

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
