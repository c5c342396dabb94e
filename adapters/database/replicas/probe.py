"""A connection that asks one server for its state, outside of the pool."""

import asyncio
from typing import Any

import asyncpg

from adapters.database.postgres_url import PostgresUrl

PROBE_SECONDS = 1.0
"""Maximum seconds for an answer, including the connection."""

FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Errors of a server that does not answer as expected. A timeout is an `OSError`."""


class Probe:
    """Runs one statement again and again. It does not wait for connections that requests use."""

    def __init__(self, url: PostgresUrl, statement: str) -> None:
        self._url = url
        self._statement = statement
        self._connection: Any = None

    async def read(self) -> Any:
        """Returns the row of the statement. Raises one of `FAILURES`; the next call opens a connection then."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                if self._connection is None:
                    self._connection = await self._url.connect("bff-replicas", PROBE_SECONDS)
                return await self._connection.fetchrow(self._statement)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the connection at once."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
