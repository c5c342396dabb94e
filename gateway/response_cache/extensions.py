"""Adds extensions to responses in JSON."""

from typing import Any

import orjson


def with_extension(body: bytes, name: str, value: Any) -> bytes:
    """Returns a response without extensions, with one. `body` is a JSON object."""
    return b"".join((body[:-1], b',"extensions":', orjson.dumps({name: value}), b"}"))
