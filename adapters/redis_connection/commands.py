"""Commands for Redis."""

from typing import Any

import hiredis

Command = tuple[str | bytes | int, ...]


def pack(command: Command) -> bytes:
    """Returns the bytes of a command."""
    packed: Any = hiredis.pack_command
    return packed(command)
