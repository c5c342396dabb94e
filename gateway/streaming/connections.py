"""Connections that stay open: sockets and streams of events."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto

from services.security.access_tokens import TokenSession
from services.security.revocations import Revocations


class CloseReason(Enum):
    """Why the server ends a connection."""

    UNTRUSTED = auto()
    """Its access token has ended, or its device was signed out."""
    DRAINING = auto()
    """This process is about to stop; another one serves whoever comes back."""


class OpenConnection:
    """One of them. `end` is called at most once, and only while it is open."""

    __slots__ = ("end", "session")

    def __init__(self, end: Callable[[CloseReason], None], session: TokenSession | None) -> None:
        self.end = end
        self.session = session


class OpenConnections:
    """Those of a process, found by the device that they trust and by the second in which that trust ends.

    So looking through all of them, each second, costs next to nothing while none has to end.
    """

    def __init__(self) -> None:
        self._open: set[OpenConnection] = set()
        self._by_device: defaultdict[int, set[OpenConnection]] = defaultdict(set)
        self._by_second: defaultdict[int, set[OpenConnection]] = defaultdict(set)
        self._draining = False

    def __len__(self) -> int:
        return len(self._open)

    def open(self, end: Callable[[CloseReason], None], session: TokenSession | None = None) -> OpenConnection:
        """Nobody is signed in without a session. Of a process that drains, it ends at once."""
        connection = OpenConnection(end, session)
        if self._draining:
            end(CloseReason.DRAINING)
            return connection
        self._open.add(connection)
        self._index(connection)
        return connection

    def renew(self, connection: OpenConnection, session: TokenSession) -> None:
        """A fresh token came over it; of one that was ended from here, it comes too late."""
        if connection not in self._open:
            return
        self._unindex(connection)
        connection.session = session
        self._index(connection)

    def close(self, connection: OpenConnection) -> None:
        """Whether it was ended from here or not."""
        if connection in self._open:
            self._open.remove(connection)
            self._unindex(connection)

    def check(self, revocations: Revocations, now: datetime) -> None:
        """Ends those that may no longer be trusted."""
        seconds = now.timestamp()
        late = [found for second, found in self._by_second.items() if second <= seconds]
        revoked = [found for device_id, found in self._by_device.items() if revocations.has(device_id)]
        for connection in {each for found in (*late, *revoked) for each in found}:
            self._end(connection, CloseReason.UNTRUSTED)

    def drain(self) -> None:
        """Ends all of them, and those that come."""
        self._draining = True
        for connection in tuple(self._open):
            self._end(connection, CloseReason.DRAINING)

    def _end(self, connection: OpenConnection, why: CloseReason) -> None:
        self.close(connection)
        connection.end(why)

    def _index(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            self._by_device[connection.session.viewer.device_id].add(connection)
            self._by_second[connection.session.ends].add(connection)

    def _unindex(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            _drop(self._by_device, connection.session.viewer.device_id, connection)
            _drop(self._by_second, connection.session.ends, connection)


def _drop(index: dict[int, set[OpenConnection]], key: int, connection: OpenConnection) -> None:
    index[key].discard(connection)
    if not index[key]:
        del index[key]
