"""Connections to the protocol of the server without sockets, for measurements of CPU time."""

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

_LENGTH = b"content-length: "
_PEERS = {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 80)}


class MemoryConnection(asyncio.Transport):
    """A connection whose bytes stay in this process: the server's protocol reads a request, and writes its response."""

    def __init__(self, config: Config, app_state: dict[str, Any]) -> None:
        super().__init__()
        self._written = bytearray()
        self._response: asyncio.Future[bytes] | None = None
        protocol: Any = config.http_protocol_class
        self._protocol = protocol(config, ServerState(), app_state)
        self._protocol.connection_made(self)

    async def ask(self, request: bytes) -> bytes:
        """Sends a request. Returns the response with its head, once it is complete."""
        self._written.clear()
        self._response = asyncio.get_running_loop().create_future()
        self._protocol.data_received(request)
        return await self._response

    def write(self, data: bytes | bytearray | memoryview) -> None:
        written = self._written
        written += data
        end = written.find(b"\r\n\r\n")
        if end < 0:
            return
        length = int(bytes(written[:end]).lower().partition(_LENGTH)[2].partition(b"\r\n")[0])
        if len(written) >= end + 4 + length and self._response is not None and not self._response.done():
            self._response.set_result(bytes(written))

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _PEERS.get(name, default)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Ends the connection for the protocol."""
        self._protocol.connection_lost(None)

    def pause_reading(self) -> None:
        """Does nothing: each request is read at once."""

    def resume_reading(self) -> None:
        """Does nothing: each request is read at once."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Does nothing: nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        return 0
