"""Registers connections that stay open: WebSockets and HTTP streams of subscriptions."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar

from core.errors import RateLimited
from core.networks import network_of
from services.security.access_tokens import TokenSession
from services.security.revocations import Revocations

T = TypeVar("T")

_RETURNS_A_SECOND = 500
"""The number of clients that connect again in a second after a process has stopped."""
_MIN_RETURN_SECONDS, _MAX_RETURN_SECONDS = 1.0, 30.0

_RETRY_SECONDS = 10.0
"""The seconds after which a client beyond a limit may try again."""


class CloseReason(Enum):
    """The reason why the server closes a connection."""

    UNTRUSTED = auto()
    """The access token has expired, or the device was signed out."""
    DRAINING = auto()
    """This process is about to stop. Another process serves clients that connect again."""


class OpenConnection:
    """An open connection. `close` is called at most once, and only while the connection is registered."""

    __slots__ = ("close", "network", "session")

    def __init__(self, close: Callable[[CloseReason], None], network: str, session: TokenSession | None) -> None:
        self.close = close
        self.network = network
        """The client address, or the network of an IPv6 address. Empty if it is unknown."""
        self.session = session


class OpenConnections:
    """The open connections of a process, indexed by the second in which their token expires.

    `check` runs every second. The numbers of connections of a user and of a client address are limited.
    """

    def __init__(self, per_user: int, per_address: int) -> None:
        self._per_user = per_user
        self._per_address = per_address
        self._open: set[OpenConnection] = set()
        self._by_network: Counter[str] = Counter()
        self._by_user: Counter[int] = Counter()
        self._by_second: defaultdict[int, set[OpenConnection]] = defaultdict(set)
        self.closed: Counter[CloseReason] = Counter()
        """The connections that the server has closed, by reason."""
        self.rejected = 0
        """The connections that were rejected because a client address or a user has too many."""
        self._return_seconds: float | None = None
        """The seconds over which clients return after the process has stopped, once it drains."""

    def __len__(self) -> int:
        return len(self._open)

    def open(
        self, close: Callable[[CloseReason], None], address: str, session: TokenSession | None = None
    ) -> OpenConnection:
        """Registers a connection. Without a session, no user is signed in. Closes it at once if the process drains.

        Raises `RateLimited` if the client address or the user has too many.
        """
        connection = OpenConnection(close, network_of(address) if address else "", session)
        if self._return_seconds is not None:
            close(CloseReason.DRAINING)
            return connection
        if self._by_network[connection.network] >= self._per_address and connection.network:
            self.rejected += 1
            raise RateLimited("Too many connections are open from this network.", _RETRY_SECONDS)
        self._check_user(session)
        self._open.add(connection)
        self._by_network[connection.network] += 1
        self._index(connection)
        return connection

    def renew(self, connection: OpenConnection, session: TokenSession) -> None:
        """Replaces the session after the client has sent a token. Ignores a connection that is closed.

        Raises `RateLimited` if the connection had no session and the user has too many connections.
        """
        if connection not in self._open:
            return
        if connection.session is None:
            self._check_user(session)
        self._unindex(connection)
        connection.session = session
        self._index(connection)

    def close(self, connection: OpenConnection) -> None:
        """Removes a connection, unless the server has closed it."""
        if connection in self._open:
            self._open.remove(connection)
            _decrement(self._by_network, connection.network)
            self._unindex(connection)

    def check(self, revocations: Revocations, now: datetime) -> None:
        """Closes connections whose token has expired or was revoked."""
        seconds = now.timestamp()
        expired = [connections for second, connections in self._by_second.items() if second <= seconds]
        untrusted = {connection for connections in expired for connection in connections}
        for connection in self._open:
            session = connection.session
            if session is not None and revocations.has(session.viewer.device_id):
                untrusted.add(connection)
        for connection in untrusted:
            self._close(connection, CloseReason.UNTRUSTED)

    def drain(self) -> None:
        """Closes all connections, and each new one."""
        if self._return_seconds is None:
            seconds = len(self._open) / _RETURNS_A_SECOND
            self._return_seconds = min(max(seconds, _MIN_RETURN_SECONDS), _MAX_RETURN_SECONDS)
        for connection in tuple(self._open):
            self._close(connection, CloseReason.DRAINING)

    def retry_milliseconds(self) -> int:
        """Returns when a client should connect again after the process has drained.

        The time is random, so that clients do not return all at once, and longer the more clients there were.
        """
        return int(random.uniform(0, self._return_seconds or _MIN_RETURN_SECONDS) * 1000)  # noqa: S311 - not for secrets

    def _check_user(self, session: TokenSession | None) -> None:
        if session is not None and self._by_user[session.viewer.user_id] >= self._per_user:
            self.rejected += 1
            raise RateLimited("This user has too many open connections.", _RETRY_SECONDS)

    def _close(self, connection: OpenConnection, reason: CloseReason) -> None:
        self.close(connection)
        self.closed[reason] += 1
        connection.close(reason)

    def _index(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            self._by_user[connection.session.viewer.user_id] += 1
            self._by_second[connection.session.ends].add(connection)

    def _unindex(self, connection: OpenConnection) -> None:
        if connection.session is not None:
            _decrement(self._by_user, connection.session.viewer.user_id)
            self._by_second[connection.session.ends].discard(connection)
            if not self._by_second[connection.session.ends]:
                del self._by_second[connection.session.ends]


def _decrement(counts: Counter[T], key: T) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
