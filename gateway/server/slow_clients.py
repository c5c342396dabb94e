"""Clients that take nothing of what they have asked for."""

import asyncio
from typing import Any


class SlowClientTimeout(asyncio.Protocol):
    """Hangs up when a client has taken nothing between two looks at what it was written and has not taken yet.

    Whoever waits for room to write, an answer or a source of events, would wait for ever.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    app_state: dict[str, Any]
    _waiting: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._stop_waiting()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def patience(self) -> float:
        """Seconds between two looks."""
        return self.app_state["slow_client_seconds"]

    def _wait(self, untaken: int) -> None:
        self._waiting = self.loop.call_later(self.patience, self._look, untaken)

    def _look(self, before: int) -> None:
        untaken = self.transport.get_write_buffer_size()
        if untaken < before:
            self._wait(untaken)
        else:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
