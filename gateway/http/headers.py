"""Reads and changes ASGI headers: pairs of bytes, with names in lower case."""

from collections.abc import Iterable

from starlette.types import Scope

_VALUES = "first_values"
"""The key of a scope for the first value of each header, which is read once."""

Headers = Iterable[tuple[bytes, bytes]]


def first_values(scope: Scope) -> dict[bytes, bytes]:
    """Returns the first value of each request header."""
    values: dict[bytes, bytes] | None = scope.get(_VALUES)
    if values is None:
        values = scope[_VALUES] = dict(reversed(scope["headers"]))
    return values


def header(scope: Scope, name: bytes) -> str | None:
    """Returns the first value of a request header, or None."""
    value = (scope.get(_VALUES) or first_values(scope)).get(name)
    return None if value is None else value.decode("latin-1")


def first_texts(headers: Headers, *names: bytes) -> list[str | None]:
    """Returns the first value of each of these headers, or None."""
    values = dict(reversed(list(headers)))
    return [None if name not in values else values[name].decode("latin-1") for name in names]


def varying(headers: Headers, on: bytes) -> list[tuple[bytes, bytes]]:
    """Returns response headers with this request header in `Vary`."""
    result = list(headers)
    for index, (name, value) in enumerate(result):
        if name == b"vary":
            if on.lower() not in value.lower().split(b", "):
                result[index] = (name, value + b", " + on)
            return result
    result.append((b"vary", on))
    return result
