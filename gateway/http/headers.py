"""Headers as ASGI has them: pairs of bytes, names in lower case."""

from collections.abc import Iterable

from starlette.types import Scope

Headers = Iterable[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a request's header."""
    for found, value in scope["headers"]:
        if found == name:
            return value.decode("latin-1")
    return None


def varying(headers: Headers, on: bytes) -> list[tuple[bytes, bytes]]:
    """Headers of an answer that also differs by this header of the request."""
    kept = list(headers)
    for index, (name, value) in enumerate(kept):
        if name == b"vary":
            if on.lower() not in value.lower().split(b", "):
                kept[index] = (name, value + b", " + on)
            return kept
    kept.append((b"vary", on))
    return kept
