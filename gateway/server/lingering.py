"""Closing a connection so that the client can read the last answer (RFC 9112, section 9.6).

When a server closes a socket that has bytes it has not read, the operating system resets the connection, and the reset
may remove the answer from the client's buffers before the client reads it.
"""

import asyncio

LINGER_SECONDS = 2.0
MAX_DISCARDED = 1024 * 1024
"""Bytes of a connection."""


class Lingering(asyncio.Protocol):
    """Has sent the end of the answer; discards what still comes, until the client closes or a limit is reached."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._left = MAX_DISCARDED
        self._timer = asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio gives it
        self._timer.cancel()


def linger(protocol: asyncio.Protocol, transport: asyncio.Transport) -> None:
    """Takes a connection from its protocol, which counts as lost from now on, and closes it when the client has.

    What was written before is still sent.
    """
    transport.set_protocol(Lingering(transport))
    if transport.can_write_eof():
        transport.write_eof()
    transport.resume_reading()
    protocol.connection_lost(ConnectionAbortedError("the server has sent its last response"))


def is_over(transport: asyncio.Transport) -> bool:
    """Whether the transport is closing, or about to as soon as the client has read the last answer."""
    return transport.is_closing() or isinstance(transport.get_protocol(), Lingering)
