"""A server that leaves its load balancers before it stops."""

import asyncio
import logging
import signal
import socket
import time
from typing import Any

import uvicorn

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
_CLOSE = (b"connection", b"close")


class LeavingServer(uvicorn.Server):
    """Serves on for `leave_seconds` after SIGTERM, and then stops like uvicorn's server.

    Meanwhile `/readyz` responds with 503, and each HTTP response closes its connection: proxies that keep connections
    open learn of the stop from a complete response, and not from a connection that is closed as they send a request.
    SIGINT, or a second signal, stops the server at once.
    """

    def __init__(self, config: uvicorn.Config, leave_seconds: float) -> None:
        super().__init__(config)
        self._leave_seconds = leave_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._leave_seconds:
            await self._leave()
        await super().shutdown(sockets)

    async def _leave(self) -> None:
        state: dict[str, Any] = self.lifespan.state
        state["leave"]()
        logger.info("the server stops in %g s", self._leave_seconds)
        end, ticks = time.monotonic() + self._leave_seconds, 0
        while time.monotonic() < end and self._captured_signals in ([], [signal.SIGTERM]):
            await self.on_tick(ticks)  # sets the header Date
            if _CLOSE not in self.server_state.default_headers:
                self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
            ticks += 1
            await asyncio.sleep(_TICK_SECONDS)
