"""PostgreSQL's `tsvector` in binary, which COPY needs and asyncpg lacks."""

import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

_TYPE = "tsvector"


@asynccontextmanager
async def copied_as_binary(connection: Any) -> AsyncGenerator[None]:
    """Lets the connection take texts like `'bread':1,4 'butter':2` for columns of this type while it copies."""
    await connection.set_type_codec(_TYPE, schema="pg_catalog", encoder=encoded, decoder=bytes, format="binary")
    try:
        yield
    finally:
        await connection.reset_type_codec(_TYPE, schema="pg_catalog")


def encoded(text: str) -> bytes:
    """Returns the wire format (`tsvectorsend` of PostgreSQL): each word, a NUL, and its places."""
    lexemes = text.split()
    return struct.pack("!i", len(lexemes)) + b"".join(map(_lexeme, lexemes))


def _lexeme(text: str) -> bytes:
    word, _, listed = text[1:].rpartition("':")
    places = [int(place) for place in listed.split(",")]
    return word.encode() + b"\0" + struct.pack(f"!H{len(places)}H", len(places), *places)
