"""Closes a connection so that the client can read the last response (RFC 9112, section 9.6).

When a server closes a socket that has bytes it has not read, the operating system resets the connection, and the reset
may remove the response from the client's buffers before the client reads it.
"""

import asyncio

LINGER_SECONDS = 2.0
MAX_DISCARDED = 1024 * 1024
"""Bytes of a connection."""


class Lingering(asyncio.Protocol):
    """Discards received bytes after the last response, until the client closes or a limit is reached."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._remaining = MAX_DISCARDED
        self._timer = asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        self._remaining -= len(data)
        if self._remaining < 0:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - required by asyncio
        self._timer.cancel()


def linger(protocol: asyncio.Protocol, transport: asyncio.Transport) -> None:
    """Detaches a connection from its protocol, and closes it after the client has.

    The protocol gets `connection_lost` at once. Data that was written before is still sent.
    """
    transport.set_protocol(Lingering(transport))
    if transport.can_write_eof():
        transport.write_eof()
    transport.resume_reading()
    protocol.connection_lost(ConnectionAbortedError("the server has sent its last response"))


def is_over(transport: asyncio.Transport) -> bool:
    """Returns whether the transport is closing, or lingers until the client has read the last response."""
    return transport.is_closing() or isinstance(transport.get_protocol(), Lingering)
