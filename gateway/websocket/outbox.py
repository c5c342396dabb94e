"""Messages that wait for a client that reads slowly."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

MAX_MESSAGES = 256
MAX_BYTES = 1024 * 1024


class Outbox:
    """Sends messages in order while the client reads. Exists only as long as messages wait."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], on_empty: Callable[[], None]) -> None:
        self._send = send
        self._on_empty = on_empty
        self._messages = deque[bytes]()
        self._bytes = 0
        self._callbacks: list[Callable[[], None]] = []
        self._task = asyncio.create_task(self._run())

    @property
    def is_full(self) -> bool:
        """Whether more waits than a client may leave unread."""
        return len(self._messages) > MAX_MESSAGES or self._bytes > MAX_BYTES

    def add(self, message: bytes) -> None:
        self._messages.append(message)
        self._bytes += len(message)

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Calls `callback` when the client has taken all messages. Never calls it if the outbox is closed."""
        self._callbacks.append(callback)

    def close(self) -> None:
        """Drops the messages."""
        self._task.cancel()
        self._messages.clear()
        self._callbacks.clear()

    async def _run(self) -> None:
        while self._messages:
            message = self._messages.popleft()
            await self._send(message)
            self._bytes -= len(message)
        self._on_empty()
        for callback in self._callbacks:
            callback()
