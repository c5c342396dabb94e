"""Disconnects clients that stop reading."""

import asyncio
from collections.abc import Callable
from typing import Any

DRAIN_SECONDS = 5.0
"""The seconds in which clients have to read the end of what a stopping server sends to them."""


class SlowClientTimeout(asyncio.Protocol):
    """Disconnects a client that has read nothing between two checks while data waits in the write buffer.

    Without it, a response or a source of events that waits for the buffer would wait forever.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    app_state: dict[str, Any]
    _timer: asyncio.TimerHandle | None = None
    _drain_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._schedule_check(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._cancel_check()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_check()
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        super().connection_lost(exc)

    @property
    def timeout_seconds(self) -> float:
        """The seconds between two checks."""
        return self.app_state["slow_client_seconds"]

    def _drain(self, at_end: Callable[[], None]) -> None:
        """Tells the application that the server is about to stop, and calls `at_end` some seconds later."""
        drain: Callable[[], None] = self.app_state["drain"]
        drain()
        if self._drain_timer is None:
            self._drain_timer = self.loop.call_later(DRAIN_SECONDS, at_end)

    def _schedule_check(self, unread: int) -> None:
        self._timer = self.loop.call_later(self.timeout_seconds, self._check, unread)

    def _check(self, previous: int) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread < previous:
            self._schedule_check(unread)
        else:
            self.transport.abort()

    def _cancel_check(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
