"""Reads what follows in the stream of announcements."""

from typing import Any

from adapters.redis_connection.commands import pack
from adapters.response_store.base import StoreUnavailable
from adapters.response_store.entries import apply_entry
from adapters.response_store.tail import Tail

PAGE = 1000
"""The number of entries that one command reads."""


class Follower:
    """Adds the entries of a stream to a tail. Each reading begins with the last known entry, so it detects gaps."""

    def __init__(self, key: str, tail: Tail) -> None:
        self.key = key
        self.tail = tail
        self.last_id = b"0-0"
        self.command = b""
        """The command that reads what follows."""

    def start_at(self, last_id: bytes) -> None:
        self.last_id = last_id
        self.command = pack(("XRANGE", self.key, last_id, "+", "COUNT", PAGE))

    def receive(self, since: bytes, entries: Any) -> bool:
        """Adds entries that were read from an id, and returns whether there are more.

        Raises `StoreUnavailable` if entries are lost.
        """
        if not entries or entries[0][0] != since:
            raise StoreUnavailable("entries of the stream of announcements are lost")
        if len(entries) == 1:
            return False
        known = _ordered(self.last_id)
        for entry_id, fields in entries[1:]:
            if since == self.last_id or _ordered(entry_id) > known:
                apply_entry(self.tail, entry_id, fields)
        if _ordered(entries[-1][0]) > known:
            self.start_at(entries[-1][0])
        return len(entries) >= PAGE


def _ordered(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)
