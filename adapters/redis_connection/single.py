"""The connection to one Redis server."""

from adapters.redis_connection.cluster import ping, prepare_nothing
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import endpoint_of
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.link import RedisLink
from adapters.redis_connection.outages import Outages
from core.background import Background


class SingleServer:
    """Maintains a connection to a server, which has all keys."""

    def __init__(self, url: str, deadline: float, outages: Outages, background: Background) -> None:
        self._endpoint = endpoint_of(url)
        self._deadline = deadline
        self._outages = outages
        self._background = background
        self._link = RedisLink(self._connect, prepare_nothing, ping, outages)

    @property
    def is_available(self) -> bool:
        return self._link.connection is not None

    @property
    def failures(self) -> int:
        return self._outages.failures

    @property
    def longest_wait(self) -> float:
        return self._outages.longest_wait

    def start(self) -> None:
        """Begins to connect. Needs a running event loop."""
        self._link.start(self._background)

    async def close(self) -> None:
        await self._link.close()

    def connection_for(self, key: bytes) -> PipelinedConnection:  # noqa: ARG002 - one server has all keys
        """Returns the connection. Raises `StoreUnavailable` if there is none."""
        connection = self._link.connection
        if connection is None:
            self._outages.failures += 1
            raise StoreUnavailable("there is no connection")
        return connection

    def note_change(self) -> None:
        """Does nothing: keys of one server do not move."""

    async def _connect(self) -> PipelinedConnection:
        return await self._endpoint.connect(self._deadline, self._outages)
