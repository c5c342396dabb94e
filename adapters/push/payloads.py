"""Fits payloads into their maximum length."""

from collections.abc import Callable

import regex

from adapters.push.base import MAX_PAYLOAD_BYTES

_CHARACTERS = regex.compile(r"\X")
_ELLIPSIS = "…"


def fitted(build: Callable[[str], bytes], body: str, max_bytes: int = MAX_PAYLOAD_BYTES) -> bytes | None:
    """Returns the payload that `build` makes of the body, or of its beginning and an ellipsis if it is too long.

    The body is cut after a whole grapheme cluster, such as a letter with its accents or an emoji. None if the payload
    is too long without any body.
    """
    whole = build(body)
    if len(whole) <= max_bytes:
        return whole
    ends = [0, *(character.end() for character in _CHARACTERS.finditer(body))]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(build(body[: ends[middle]].rstrip() + _ELLIPSIS)) <= max_bytes:
            low = middle
        else:
            high = middle - 1
    cut = build(body[: ends[low]].rstrip() + _ELLIPSIS)
    return cut if len(cut) <= max_bytes else None
