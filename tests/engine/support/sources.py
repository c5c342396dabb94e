"""The Python values that resolvers return: dicts, objects, iterables, awaitables and exceptions."""

from asyncio import sleep
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from graphql import GraphQLError

from tests.engine.support.chance import Chance


class Thing:
    """A source whose fields are attributes. Some of them raise when they are read."""

    def __init__(self, values: dict[str, Any], raising: dict[str, Exception]) -> None:
        self.__dict__.update(values)
        self._raising = raising
        self.__typename = values.get("__typename")

    def __getattr__(self, name: str) -> Any:
        raising: dict[str, Exception] = self.__dict__.get("_raising", {})
        raise raising.get(name) or AttributeError(name)

    def __repr__(self) -> str:
        return f"<Thing {self.__dict__.get('_id')}>"


class Kid(Thing):
    """A subclass, for which the mangled attribute `__typename` of its base class has another name."""


class View(Mapping[str, Any]):
    """A mapping that is not a dict."""

    def __init__(self, values: dict[str, Any], raising: dict[str, Exception]) -> None:
        self._values, self._raising = values, raising

    def __getitem__(self, key: str) -> Any:
        if key in self._raising:
            raise self._raising[key]
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<View {self._values.get('_id')}>"


def identity(source: Any) -> Any:
    """Returns the identity of a source: its `_id`, or a hash of its representation."""
    return known(source, "_id", None) or crc32(repr(source).encode())


def known(source: Any, name: str, default: Any) -> Any:
    if isinstance(source, Mapping):
        return source.get(name, default)
    return getattr(source, "__dict__", {}).get(name, default)


class Refusal(Exception):
    """An exception with the attributes that a GraphQL error copies from its original error."""

    def __init__(self, message: str) -> None:
        super().__init__("hidden")
        self.message = message
        self.extensions = {"code": "REFUSED"}


def failure(chance: Chance, at: str, info: Any) -> Exception:
    kind = chance.below(14)
    if kind == 0:
        return GraphQLError(f"{at} errs", extensions={"code": at})
    if kind == 1 and info:
        return GraphQLError(f"{at} errs elsewhere", path=[*info.path.as_list(), "beyond"])
    if kind == 2 and info:
        return GraphQLError(f"{at} errs there", info.operation)
    if kind == 3:
        return Refusal(f"{at} refuses")
    errors: list[Exception] = [
        StopIteration(f"{at} stops"),
        StopAsyncIteration(f"{at} stops later"),
        KeyError(at),
        AttributeError(f"{at} lacks"),
        TimeoutError(),
        RecursionError(f"{at} recurs"),
        GraphQLError(f"{at} errs here"),
    ]
    return errors[kind - 4] if 4 <= kind < 4 + len(errors) else ValueError(f"{at} fails")


class Later:
    """An awaitable that is not a coroutine. It need not be awaited."""

    def __init__(self, value: Any, naps: int, *, fails: bool) -> None:
        self._value, self._naps, self._fails = value, naps, fails

    def __await__(self) -> Generator[Any, None, Any]:
        for _ in range(self._naps):
            yield
        if self._fails:
            raise self._value
        return self._value

    def __repr__(self) -> str:
        return "<Later>"


async def later(value: Any, naps: int, *, fails: bool) -> Any:
    for _ in range(naps):
        await sleep(0)
    if fails:
        raise value
    return value


def generated(items: Iterable[Any], error: Exception | None) -> Iterator[Any]:
    yield from items
    if error is not None:
        raise error


class Items:
    """An iterable whose `__iter__` may raise."""

    def __init__(self, items: list[Any], error: Exception | None) -> None:
        self._items, self._error = items, error

    def __iter__(self) -> Iterator[Any]:
        if self._error is not None:
            raise self._error
        return iter(self._items)

    def __repr__(self) -> str:
        return "<Items>"


async def streamed(items: Iterable[Any], naps: int, error: Exception | None) -> AsyncIterator[Any]:
    for item in items:
        for _ in range(naps):
            await sleep(0)
        yield item
    if error is not None:
        raise error


class Stream:
    """An async iterator without `aclose`."""

    def __init__(self, items: Iterable[Any], error: Exception | None) -> None:
        self._items, self._error = iter(items), error

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> Any:
        for item in self._items:
            return item
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    def __repr__(self) -> str:
        return "<Stream>"
