"""The base of buses with one connection per process.

The bus connects with the first listener or wake-up. It sends a burst of wake-ups together. It replaces a lost
connection with backoff, and then wakes all listeners, since wake-ups may have been lost.
"""

import asyncio
import logging
import random
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from adapters.bus.base import Bus
from core.background import Background

logger = logging.getLogger(__name__)

CHANNEL = "bff"
_MAX_PENDING = 100
_PAUSES = (0.1, 5.0)
"""The first and the maximum pause between attempts to connect, in seconds."""

_CHECK_SECONDS = 15.0


class ConnectedBus(Bus):
    """Maintains the connection. Subclasses connect and send, and declare the errors of a lost connection."""

    connection_errors: tuple[type[Exception], ...]
    """The exceptions of a lost connection."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._pending: set[str] = set()
        self._wake_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _connect(self) -> Any:
        """Returns a connection within the deadline. It calls `_on_message` and `_on_disconnect` from then on."""

    @abstractmethod
    def _is_closed(self, connection: Any) -> bool:
        """Returns whether the connection is lost. Raises the error if it ended for another reason."""

    @abstractmethod
    async def _send(self, connection: Any, topics: Iterable[str]) -> None:
        """Sends the topics within the deadline."""

    @abstractmethod
    async def _check(self, connection: Any) -> None:
        """Raises one of `connection_errors` when the server does not answer within the deadline."""

    @abstractmethod
    async def _disconnect(self, connection: Any) -> None:
        """Closes the connection at once, in any state."""

    def _wake_elsewhere(self, topic: str) -> None:
        if len(self._pending) < _MAX_PENDING:
            self._pending.add(topic)
        self._ensure_connected()
        self._wake_up.set()

    def _ensure_connected(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._background.supervise("bus", self._run))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        pause = _PAUSES[0]
        while True:
            try:
                connection = await self._connect()
            except self.connection_errors as error:
                logger.warning("the bus cannot connect: %s", type(error).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
                pause = min(pause * 2, _PAUSES[1])
                continue
            pause = _PAUSES[0]
            self._wake_all_here()
            try:
                await self._serve(connection)
            except self.connection_errors as error:
                logger.warning("the bus lost its connection: %s", type(error).__name__)
            finally:
                await self._disconnect(connection)

    async def _serve(self, connection: Any) -> None:
        """Sends pending topics until the connection is lost, and checks the connection periodically."""
        while True:
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._wake_up.wait()
            except TimeoutError:
                await self._check(connection)
                continue
            self._wake_up.clear()
            if self._is_closed(connection):
                raise ConnectionError
            topics, self._pending = self._pending, set()
            try:
                if topics:
                    await self._send(connection, topics)
            except self.connection_errors:
                self._pending |= topics
                raise

    def _on_message(self, topic: str) -> None:
        self._wake_here([topic])

    def _on_disconnect(self) -> None:
        self._wake_up.set()
