"""Registers connections that stay open: WebSockets and HTTP streams of subscriptions."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto

from services.security.access_tokens import TokenSession
from services.security.revocations import Revocations


class CloseReason(Enum):
    """The reason why the server closes a connection."""

    UNTRUSTED = auto()
    """The access token has expired, or the device was signed out."""
    DRAINING = auto()
    """This process is about to stop. Another process serves clients that connect again."""


class OpenConnection:
    """An open connection. `close` is called at most once, and only while the connection is registered."""

    __slots__ = ("close", "session")

    def __init__(self, close: Callable[[CloseReason], None], session: TokenSession | None) -> None:
        self.close = close
        self.session = session


class OpenConnections:
    """The open connections of a process, indexed by device and by the second in which their token expires.

    `check` runs every second. The indexes make it cheap as long as no connection has to be closed.
    """

    def __init__(self) -> None:
        self._open: set[OpenConnection] = set()
        self._by_device: defaultdict[int, set[OpenConnection]] = defaultdict(set)
        self._by_second: defaultdict[int, set[OpenConnection]] = defaultdict(set)
        self._draining = False

    def __len__(self) -> int:
        return len(self._open)

    def open(self, close: Callable[[CloseReason], None], session: TokenSession | None = None) -> OpenConnection:
        """Registers a connection. Without a session, no user is signed in. Closes it at once if the process drains."""
        connection = OpenConnection(close, session)
        if self._draining:
            close(CloseReason.DRAINING)
            return connection
        self._open.add(connection)
        self._index(connection)
        return connection

    def renew(self, connection: OpenConnection, session: TokenSession) -> None:
        """Replaces the session after the client has sent a new token. Ignores a connection that is closed."""
        if connection not in self._open:
            return
        self._unindex(connection)
        connection.session = session
        self._index(connection)

    def close(self, connection: OpenConnection) -> None:
        """Removes a connection, unless the server has closed it."""
        if connection in self._open:
            self._open.remove(connection)
            self._unindex(connection)

    def check(self, revocations: Revocations, now: datetime) -> None:
        """Closes connections whose token has expired or was revoked."""
        seconds = now.timestamp()
        expired = [connections for second, connections in self._by_second.items() if second <= seconds]
        revoked = [connections for device_id, connections in self._by_device.items() if revocations.has(device_id)]
        for connection in {connection for connections in (*expired, *revoked) for connection in connections}:
            self._close(connection, CloseReason.UNTRUSTED)

    def drain(self) -> None:
        """Closes all connections, and each new one."""
        self._draining = True
        for connection in tuple(self._open):
            self._close(connection, CloseReason.DRAINING)

    def _close(self, connection: OpenConnection, reason: CloseReason) -> None:
        self.close(connection)
        connection.close(reason)

    def _index(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            self._by_device[connection.session.viewer.device_id].add(connection)
            self._by_second[connection.session.ends].add(connection)

    def _unindex(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            _discard(self._by_device, connection.session.viewer.device_id, connection)
            _discard(self._by_second, connection.session.ends, connection)


def _discard(index: dict[int, set[OpenConnection]], key: int, connection: OpenConnection) -> None:
    index[key].discard(connection)
    if not index[key]:
        del index[key]
