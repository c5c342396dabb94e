"""Reads statements from the messages that a client sends to PostgreSQL."""

from collections.abc import Iterator

_CANCELLING_AND_ENCRYPTING = {80877102, 80877103, 80877104}
"""Codes of first messages that are not yet the start of a session."""
_LENGTH_BYTES = 4


class SentMessages:
    """Holds the state of one connection: unread bytes, prepared statements and portals."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._is_started = False
        self._prepared: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def executed(self, data: bytes) -> list[str]:
        """Returns the texts of the statements whose execution these bytes complete."""
        self._unread += data
        return [text for kind, body in self._messages() if (text := self._read(kind, body)) is not None]

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while True:
            # The first messages have no byte for their kind.
            kind_bytes = 1 if self._is_started else 0
            head = kind_bytes + _LENGTH_BYTES
            if len(self._unread) < head:
                return
            end = kind_bytes + int.from_bytes(self._unread[kind_bytes:head])
            if len(self._unread) < end:
                return
            kind, body = bytes(self._unread[:kind_bytes]), bytes(self._unread[head:end])
            del self._unread[:end]
            if self._is_started:
                yield kind, body
            else:
                self._is_started = int.from_bytes(body[:_LENGTH_BYTES]) not in _CANCELLING_AND_ENCRYPTING

    def _read(self, kind: bytes, body: bytes) -> str | None:
        first, _, rest = body.partition(b"\0")
        if kind == b"P":
            self._prepared[first] = rest.partition(b"\0")[0].decode()
        elif kind == b"B":
            self._portals[first] = self._prepared.get(rest.partition(b"\0")[0], "?")
        elif kind == b"E":
            return self._portals.get(first, "?")
        elif kind == b"Q":
            return first.decode()
        return None
