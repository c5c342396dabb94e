"""Encodes PostgreSQL's `tsvector` in binary, which COPY requires and asyncpg does not support."""

import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

_TYPE = "tsvector"


@asynccontextmanager
async def binary_tsvectors(connection: Any) -> AsyncGenerator[None]:
    """Lets a connection encode texts such as `'bread':1,4 'butter':2` for columns of this type within the block."""
    await connection.set_type_codec(_TYPE, schema="pg_catalog", encoder=encode, decoder=bytes, format="binary")
    try:
        yield
    finally:
        await connection.reset_type_codec(_TYPE, schema="pg_catalog")


def encode(text: str) -> bytes:
    """Returns the wire format (`tsvectorsend` of PostgreSQL): each word, a NUL, and its positions."""
    lexemes = text.split()
    return struct.pack("!i", len(lexemes)) + b"".join(map(_lexeme, lexemes))


def _lexeme(text: str) -> bytes:
    word, _, numbers = text[1:].rpartition("':")
    positions = [int(number) for number in numbers.split(",")]
    return word.encode() + b"\0" + struct.pack(f"!H{len(positions)}H", len(positions), *positions)
