"""The address of a Redis, and how to open a connection to it."""

import asyncio
import ssl
from typing import Any, NamedTuple

import hiredis
import redis.asyncio

from adapters.redis_connection.connection import PipelinedConnection, StreamToFollow
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.outages import Outages

_CONNECT_SECONDS = 0.5


class Endpoint(NamedTuple):
    """The address of a server, and the credentials for it."""

    host: str
    port: int
    username: str | None
    password: str | None
    database: int
    client_name: str | None
    ssl: ssl.SSLContext | None

    def is_same_as(self, other: "Endpoint") -> bool:
        """Returns whether both name the same data of the same server, with the same credentials."""
        return self._replace(client_name=None, ssl=None) == other._replace(client_name=None, ssl=None) and (
            (self.ssl is None) == (other.ssl is None)
        )

    async def connect(
        self, deadline: float, outages: Outages, follower: StreamToFollow | None = None
    ) -> PipelinedConnection:
        """Returns a connection that is ready for commands. Raises `StoreUnavailable` or `OSError`."""
        loop, made = asyncio.get_running_loop(), PipelinedConnection(deadline, outages, follower)
        try:
            async with asyncio.timeout(max(_CONNECT_SECONDS, deadline)):
                await loop.create_connection(lambda: made, self.host, self.port, ssl=self.ssl)
                await self._introduce(made)
        except BaseException as error:
            made.drop(type(error).__name__)
            raise
        return made

    async def _introduce(self, connection: PipelinedConnection) -> None:
        if self.password is not None:
            credentials = [self.username, self.password] if self.username else [self.password]
            check(await connection.call(("AUTH", *credentials)))
        if self.client_name:
            check(await connection.call(("CLIENT", "SETNAME", self.client_name)))
        if self.database:
            check(await connection.call(("SELECT", self.database)))


def endpoint_of(url: str) -> Endpoint:
    """Returns the endpoint of a checked URL, with the options that redis-py understands."""
    pool: Any = redis.asyncio.ConnectionPool.from_url(url)
    connection, options = pool.make_connection(), pool.connection_kwargs
    encrypted = isinstance(connection, redis.asyncio.SSLConnection)
    return Endpoint(
        host=connection.host,
        port=int(connection.port),
        username=options.get("username"),
        password=options.get("password"),
        database=int(options.get("db") or 0),
        client_name=options.get("client_name"),
        ssl=connection.ssl_context.get() if encrypted else None,
    )


def check(reply: Any) -> Any:
    """Returns a reply. Raises `StoreUnavailable` if it is an error."""
    if isinstance(reply, hiredis.ReplyError):
        raise StoreUnavailable(str(reply).partition(" ")[0])
    return reply
