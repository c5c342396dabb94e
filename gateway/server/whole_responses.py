"""Sends a response in one piece, by one system call."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

EXTENSION = "whole_response"
"""The key of a scope's extensions for the response of the request."""

Headers = Sequence[tuple[bytes, bytes]]

_HANDLED = (b"connection: ", b"transfer-encoding: ")
"""Headers that change how uvicorn continues."""

_LENGTH = b"content-length: "


class WholeResponses:
    """Writes head and body of the responses of a connection together.

    uvicorn checks each header with regular expressions and writes head and body separately, which takes as long as
    everything else of a short response. `current` returns the response that is being sent. An object per response would
    be part of a reference cycle with its scope.
    """

    __slots__ = ("_current",)

    def __init__(self, current: Callable[[], RequestResponseCycle | None]) -> None:
        self._current = current

    def send(self, send: Send, status: int, headers: Headers, body: bytes, constant: Headers = ()) -> bool:
        """Sends a response, and returns whether it did. Otherwise `send` has to send it by messages of ASGI.

        It does not if `send` is not that of the server, because middleware has replaced it; if the client does not
        read; or if uvicorn has to check or handle a header. `constant` is a tuple of further headers that many
        responses have.
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
        head = _head((*cycle.default_headers, *headers), body, constant)
        if head is None:
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


def _head(headers: Headers, body: bytes, constant: Headers) -> bytes | None:
    """Returns the lines of the headers. None if uvicorn has to check or handle one of them."""
    lines, known = _lines(headers), _constant_lines(constant)
    if lines is None or known is None or (lines.count(_LENGTH) != 1) or known.count(_LENGTH):
        return None
    return lines + known if b"content-length: %d\r\n" % len(body) in lines else None


def _lines(headers: Headers) -> bytes | None:
    """Returns headers as they are sent. None if they have characters that end a line, or if uvicorn handles one."""
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    count = len(headers)
    if lines.count(b"\n") != count or lines.count(b"\r") != count or b"\0" in lines:
        return None
    return None if any(name in lines for name in _HANDLED) else lines


@lru_cache(maxsize=256)
def _constant_lines(headers: Headers) -> bytes | None:
    return _lines(headers)
