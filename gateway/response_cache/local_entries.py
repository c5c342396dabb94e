"""The entries that a process has in memory."""

from collections import OrderedDict

from gateway.response_cache.entries import Entry

_MAX_BYTES = 64 * 1024 * 1024
_OVERHEAD = 500
"""The approximate bytes of an entry besides its body and tags."""


class LocalEntries:
    """Keeps the entries that were read or written last, up to a total size.

    Whether they are current is known from the stream of changes, so the store does not have to send their bytes again.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._entries = OrderedDict[str, Entry]()
        self._remaining = max_bytes

    def get(self, key: str) -> Entry | None:
        """Returns the entry of a key."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keeps an entry, and drops others if they take too much memory."""
        self.drop(key)
        self._entries[key] = entry
        self._remaining -= _size(entry)
        while self._remaining < 0:
            self._remaining += _size(self._entries.popitem(last=False)[1])

    def drop(self, key: str) -> None:
        """Drops the entry of a key."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._remaining += _size(entry)


def _size(entry: Entry) -> int:
    return len(entry.body) + len(entry.tags) + len(entry.counts) + _OVERHEAD
