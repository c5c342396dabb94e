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

_MIN_SEPARATE = 4096
"""Shorter bodies are copied behind the head. The system call takes both parts of longer ones."""


class WholeResponses:
    """Writes head and body of the responses of a connection together.

    uvicorn checks each header with regular expressions and writes head and body separately, which takes as long as
    everything else of a short response. `current` returns the response that is being sent. An object per response would
    be part of a reference cycle with its scope.

    Nothing is sent if `send` is not that of the server, because middleware has replaced it; if the client does not
    read; or if uvicorn has to check or handle a header. Then `send` has to send the response by messages of ASGI.
    """

    __slots__ = ("_current",)

    def __init__(self, current: Callable[[], RequestResponseCycle | None]) -> None:
        self._current = current

    def send(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """Sends a response, and returns whether it did."""
        cycle = self._ready(send)
        head = None if cycle is None else _head((*cycle.default_headers, *headers), body)
        if cycle is None or head is None:
            return False
        _write(cycle, STATUS_LINE[status] + head, body)
        return True

    def send_known(  # noqa: PLR0913, PLR0917 - the parts of a response
        self, send: Send, request_id: str, status: int, constant: Headers, body: bytes, more: bytes = b""
    ) -> bool:
        """Sends a response, and returns whether it did.

        Its headers are an acceptable request id, the length of the body, those that many responses have, and the lines
        `more`, which uvicorn need not check.
        """
        cycle = self._ready(send)
        lines = None if cycle is None else _constant_lines(status, (*cycle.default_headers, *constant))
        if cycle is None or lines is None:
            return False
        own = f"content-length: {len(body)}\r\nx-request-id: {request_id}\r\n"
        _write(cycle, lines + own.encode() + more, body)
        return True

    def _ready(self, send: Send) -> RequestResponseCycle | None:
        """Returns the response that is being sent, if it can be sent in one piece."""
        cycle = self._current()
        if (
            cycle is None
            or send != cycle.send
            or cycle.flow.write_paused
            or cycle.response_started
            or cycle.disconnected
            or cycle.scope["method"] == "HEAD"
        ):
            return None
        return cycle


def _write(cycle: RequestResponseCycle, head: bytes, body: bytes) -> None:
    """Writes a status line with headers, and a body, and continues with the connection as uvicorn does."""
    cycle.response_started = True
    cycle.waiting_for_100_continue = False
    head += b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    if len(body) < _MIN_SEPARATE:
        cycle.transport.write(head + body)
    else:
        cycle.transport.writelines((head, body))
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def _head(headers: Headers, body: bytes) -> bytes | None:
    """Returns the lines of the headers. None if uvicorn has to check or handle one of them."""
    lines = _lines(headers)
    if lines is None or lines.count(_LENGTH) != 1:
        return None
    return lines if b"content-length: %d\r\n" % len(body) in lines else None


def _lines(headers: Headers) -> bytes | None:
    """Returns headers as they are sent. None if they have characters that end a line, or if uvicorn handles one."""
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    count = len(headers)
    if lines.count(b"\n") != count or lines.count(b"\r") != count or b"\0" in lines:
        return None
    return None if any(name in lines for name in _HANDLED) else lines


@lru_cache(maxsize=256)
def _constant_lines(status: int, headers: Headers) -> bytes | None:
    """Returns a status line and headers as they are sent, or None as `_lines` does. The length is not in them."""
    lines = _lines(headers)
    return None if lines is None or _LENGTH in lines else STATUS_LINE[status] + lines
