"""A bus with one connection of the process's own, whichever server it goes to.

It is opened when somebody first listens or wakes. A burst of wakes is sent at once. A lost connection is made anew,
tried ever less often; then everybody is woken, in case they should be.
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
_MOST_PENDING = 100
_PAUSES = (0.1, 5.0)
_CHECK_SECONDS = 15.0


class ConnectedBus(Bus):
    """The engines below say how to connect, to send, and what they raise when the server is gone."""

    lost: tuple[type[Exception], ...]
    """What an engine raises when its server is gone."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._pending: set[str] = set()
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _connect(self) -> Any:
        """A connection that listens, in time; `_hear` and `_on_end` are called from then on."""

    @abstractmethod
    def _is_closed(self, connection: Any) -> bool:
        """Whether nothing will be heard any more; raises what ended it, if that was not the loss of the connection."""

    @abstractmethod
    async def _send(self, connection: Any, topics: Iterable[str]) -> None:
        """In time."""

    @abstractmethod
    async def _check(self, connection: Any) -> None:
        """Raises one of `lost` when the server does not answer in time."""

    @abstractmethod
    async def _hang_up(self, connection: Any) -> None:
        """At once, whatever state it is in."""

    def _wake_elsewhere(self, topic: str) -> None:
        if len(self._pending) < _MOST_PENDING:
            self._pending.add(topic)
        self._attend()
        self._stir.set()

    def _attend(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._background.supervise("bus", self._keep_connected))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_connected(self) -> None:
        pause = _PAUSES[0]
        while True:
            try:
                connection = await self._connect()
            except self.lost as error:
                logger.warning("the bus has no connection: %s", type(error).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
                pause = min(pause * 2, _PAUSES[1])
                continue
            pause = _PAUSES[0]
            self._wake_all_here()
            try:
                await self._serve(connection)
            except self.lost as error:
                logger.warning("the bus has lost its connection: %s", type(error).__name__)
            finally:
                await self._hang_up(connection)

    async def _serve(self, connection: Any) -> None:
        """Sends what is pending until the connection is lost, and asks now and then whether it is."""
        while True:
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._stir.wait()
            except TimeoutError:
                await self._check(connection)
                continue
            self._stir.clear()
            if self._is_closed(connection):
                raise ConnectionError
            sending, self._pending = self._pending, set()
            try:
                if sending:
                    await self._send(connection, sending)
            except self.lost:
                self._pending |= sending
                raise

    def _hear(self, topic: str) -> None:
        self._wake_here([topic])

    def _on_end(self) -> None:
        self._stir.set()
