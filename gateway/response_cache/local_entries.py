"""The entries that a process has in memory."""

import time
from collections import OrderedDict
from typing import NamedTuple

from gateway.response_cache.entries import Entry

_MAX_BYTES = 64 * 1024 * 1024
_OVERHEAD = 500
"""The approximate bytes of an entry besides its body and tags."""


class _Kept(NamedTuple):
    entry: Entry
    ends_at: float


class LocalEntries:
    """Keeps the entries that were read or written last, up to a total size, until their lifetime ends.

    The stream of announcements tells whether they are current, so the store does not have to send their bytes again.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._entries = OrderedDict[str, _Kept]()
        self._remaining = max_bytes

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Entry | None:
        """Returns the entry of a key within its lifetime. Another process may have renewed an older one."""
        kept = self._entries.get(key)
        if kept is None or kept.ends_at <= time.monotonic():
            return None
        self._entries.move_to_end(key)
        return kept.entry

    def put(self, key: str, entry: Entry, age: int = 0) -> None:
        """Keeps an entry of an age in seconds. Drops the least recently used ones whose lifetime is over.

        Also drops others if they take too much memory.
        """
        self.drop(key)
        now = time.monotonic()
        self._entries[key] = _Kept(entry, now + entry.max_age - age)
        self._remaining -= _size(entry)
        while self._remaining < 0 or (self._entries and next(iter(self._entries.values())).ends_at <= now):
            self._remaining += _size(self._entries.popitem(last=False)[1].entry)

    def move(self, key: str, entry: Entry) -> None:
        """Replaces an entry by itself at a later position, unless it was dropped or replaced meanwhile."""
        kept = self._entries.get(key)
        if kept is not None and kept.entry.body is entry.body:
            self._entries[key] = kept._replace(entry=entry)

    def drop(self, key: str) -> None:
        """Drops the entry of a key."""
        kept = self._entries.pop(key, None)
        if kept is not None:
            self._remaining += _size(kept.entry)


def _size(entry: Entry) -> int:
    return len(entry.body) + len(entry.tags) + len(entry.counts) + _OVERHEAD
