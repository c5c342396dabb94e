"""Sends a response in one piece, by one system call."""

from collections.abc import Callable, Sequence

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

EXTENSION = "whole_response"
"""The key of a scope's extensions for the response of the request."""


_HANDLED = (b"connection: ", b"transfer-encoding: ")
"""Headers that change how uvicorn continues."""


class WholeResponses:
    """Writes head and body of the responses of a connection together.

    uvicorn checks each header with regular expressions and writes head and body separately, which takes as long as
    everything else of a short response. `current` returns the response that is being sent. An object per response would
    be part of a reference cycle with its scope.
    """

    __slots__ = ("_current",)

    def __init__(self, current: Callable[[], RequestResponseCycle | None]) -> None:
        self._current = current

    def send(self, send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Sends a response, and returns whether it did. Otherwise `send` has to send it by messages of ASGI.

        It does not if `send` is not that of the server, because middleware has replaced it; if the client does not
        read; or if uvicorn has to check or handle a header.
        """
        cycle = self._current()
        if (
            cycle is None
            or send != cycle.send
            or cycle.flow.write_paused
            or cycle.response_started
            or cycle.disconnected
            or cycle.scope["method"] == "HEAD"
        ):
            return False
        lines = [b"%b: %b\r\n" % (name, value) for name, value in (*cycle.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            return False
        if lines.count(b"content-length: %d\r\n" % len(body)) != 1 or any(name in head for name in _HANDLED):
            return False
        if not cycle.keep_alive:
            head += b"connection: close\r\n"
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], head, body))
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True
