"""`postgres://`: LISTEN and NOTIFY, over one connection of the process's own.

It is opened when somebody first listens or wakes. A burst of wakes is one statement, and none of it is in anybody's
transaction, where a NOTIFY would make all commits of the server take turns.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from typing import Any

import asyncpg

from adapters.bus.base import Bus
from adapters.database.postgres import connect_alone

logger = logging.getLogger(__name__)

_CHANNEL = "bff"
_NOTIFY = f"SELECT pg_notify('{_CHANNEL}', topic) FROM unnest($1::text[]) AS topic"  # noqa: S608 - a constant
_MOST_PENDING = 100
_PAUSES = (0.1, 5.0)
_CHECK_SECONDS = 15.0
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class PostgresBus(Bus):
    """A lost connection is made anew, tried ever less often; then everybody is woken, in case they should be."""

    def __init__(self, credentials: Mapping[str, Any], deadline: float) -> None:
        super().__init__()
        self._credentials = credentials
        self._deadline = deadline
        self._pending: set[str] = set()
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def _wake_elsewhere(self, topic: str) -> None:
        if len(self._pending) < _MOST_PENDING:
            self._pending.add(topic)
        self._attend()
        self._stir.set()

    def _attend(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep_connected())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_connected(self) -> None:
        pause = _PAUSES[0]
        while True:
            try:
                connection = await self._connect()
            except _LOST as error:
                logger.warning("the bus has no connection: %s", str(error) or type(error).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
                pause = min(pause * 2, _PAUSES[1])
                continue
            pause = _PAUSES[0]
            try:
                await self._serve(connection)
            except _LOST as error:
                logger.warning("the bus has lost its connection: %s", type(error).__name__)
            finally:
                connection.terminate()

    async def _connect(self) -> Any:
        """A connection that listens; everybody is woken, since nobody was heard before."""
        async with asyncio.timeout(self._deadline):
            connection = await connect_alone(self._credentials, "bff-bus")
            try:
                connection.add_termination_listener(self._on_end)
                await connection.add_listener(_CHANNEL, self._hear)
            except BaseException:
                connection.terminate()
                raise
        self._wake_all_here()
        return connection

    async def _serve(self, connection: Any) -> None:
        """Sends what is pending until the connection is lost, and asks now and then whether it is."""
        while True:
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._stir.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=self._deadline)
                continue
            self._stir.clear()
            if connection.is_closed():
                raise ConnectionError
            sending, self._pending = self._pending, set()
            try:
                await connection.execute(_NOTIFY, list(sending), timeout=self._deadline)
            except _LOST:
                self._pending |= sending
                raise

    def _on_end(self, _connection: Any) -> None:
        self._stir.set()

    def _hear(self, _connection: Any, _pid: int, _channel: str, topic: object) -> None:
        self._wake_here([str(topic)])
