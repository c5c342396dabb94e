"""Extends uvicorn's HTTP protocol with limits and JSON errors. Rejects invalid HTTP and drains streams."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import orjson
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from core.errors import BadRequest
from gateway.errors.request_error import describe
from gateway.server.lingering import MAX_DISCARDED, is_over, linger
from gateway.server.slow_clients import SlowClientTimeout
from gateway.server.upgrades import head_without_upgrade
from gateway.server.whole_responses import EXTENSION, WholeResponses

MAX_HEAD_BYTES = 64 * 1024
"""Consecutive bytes without a byte of a body. uvicorn has no limit."""

ERROR_TYPE = "application/json; charset=utf-8"

MAX_PIPELINED_BYTES = 256 * 1024
"""Bytes that are read after a request before its response. After a stream has begun, more bytes end it."""
MAX_PIPELINED_REQUESTS = 100
"""Requests that may wait for an earlier response."""

NOT_A_REQUEST = (
    "The bytes after the last request are not HTTP. Content-Length is the number of bytes of the body, not of "
    "characters. A request without Content-Length or Transfer-Encoding has no body."
)

MIN_RECEIVED_BYTES = 16 * 1024
"""Bytes that a client has to send between two checks, unless it completes the request."""


class LimitedHttpProtocol(SlowClientTimeout, HttpToolsProtocol):
    """Limits the head of a request, and answers invalid HTTP with JSON.

    Trailers after a body are not added to the headers, because a proxy that checks headers may not have checked them.
    When the server drains, the application is notified: uvicorn waits for streams, but does not end them.
    """

    _has_request = False
    _in_head = False
    _bytes_without_body = 0
    """Bytes since the last byte of a body: heads, chunk sizes and trailers. May exceed the limit by one read."""

    _current: RequestResponseCycle | None = None
    _pipelined_bytes = 0
    """Bytes received while requests wait for an earlier response."""
    _reason = ""
    """The reason why parsing of a request was stopped."""
    _last_response: tuple[HTTPStatus, str] | None = None
    """The last response. Sent after the responses to earlier complete requests; later bytes are not parsed."""
    _head_without_upgrade = b""
    """The head of a request for another protocol, without the request for the protocol."""
    _complete = 0
    """Requests of this connection that were received completely."""

    _unfinished = True
    """True while a request is awaited or incomplete. `_was_unfinished` is its value at the last check."""
    _was_unfinished = False
    _received = 0
    _check_timer: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = logging.getLogger("uvicorn.http")
        self._extensions: Any = {EXTENSION: WholeResponses(lambda: self._current)}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._schedule_request_check()

    def connection_lost(self, exc: Exception | None) -> None:
        self._extensions.clear()  # it refers to this object
        self._cancel_request_check()
        if self._current is not None and self._is_responding():
            # uvicorn notifies the last request, which may not be the one whose response is being sent.
            self._current.disconnected = True
            self._current.message_event.set()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        if self._is_responding():
            self.transport.close()  # two protocols would write to the transport
            return
        self._cancel_request_check()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_request = self._in_head = self._unfinished = True
        self._bytes_without_body = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        parser: Any = self.parser
        is_upgrade = parser.should_upgrade()
        if is_upgrade and not self._should_upgrade():
            if parser.get_method() == b"CONNECT":
                self._reason = "This server is not a proxy."
                raise ValueError(self._reason)  # ends parsing, with `send_400_response`
            version = parser.get_http_version()
            self._head_without_upgrade = head_without_upgrade(parser.get_method(), self.url, version, self.headers)
            return
        if len(self.pipeline) >= MAX_PIPELINED_REQUESTS:
            self._reason = "Too many pipelined requests. Wait for responses."
            raise ValueError(self._reason)
        super().on_headers_complete()
        self.scope["extensions"] = self._extensions
        if not is_upgrade:
            self.headers = []  # takes trailers, which are not part of the scope
        self._resume_reading()

    def on_body(self, body: bytes) -> None:
        self._bytes_without_body = 0
        super().on_body(body)
        self._resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._current = cycle
        self._pipelined_bytes = 0
        super()._start_asgi_task(cycle, app)

    def _resume_reading(self) -> None:
        """Continues to read before the response, so that a disconnect during a stream is noticed."""
        if self.pipeline and self._pipelined_bytes <= MAX_PIPELINED_BYTES:
            self.flow.resume_reading()

    def on_message_complete(self) -> None:
        if self._head_without_upgrade:
            return
        self._unfinished = self._was_unfinished = False
        self._complete += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._last_response is not None and not self._is_responding() and not is_over(self.transport):
            self._unset_keepalive_if_required()
            reject_and_close(self, self.transport, *self._last_response)

    def data_received(self, data: bytes) -> None:
        self._pipelined_bytes = self._pipelined_bytes + len(data) if self.pipeline or self._last_response else 0
        if self._last_response:
            if self._pipelined_bytes > MAX_DISCARDED:
                self.transport.close()
            return
        if self._pipelined_bytes > MAX_PIPELINED_BYTES and self._has_response_started():
            self.transport.close()
            return
        self._unfinished = True
        self._received += len(data)
        self._bytes_without_body += len(data)
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._bytes_without_body > MAX_HEAD_BYTES and self._last_response is None and not is_over(self.transport):
            self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too long.")

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserError:
                self.logger.warning("Invalid HTTP request received.")
                self.send_400_response("Invalid HTTP request received.")
            except HttpParserUpgrade as upgrade:
                if self._head_without_upgrade:
                    data = self._without_upgrade() + data[upgrade.args[0] :]
                    continue
                self.handle_websocket_upgrade()
            return

    def _without_upgrade(self) -> bytes:
        """Returns the head for a new parser. The old one has assigned the body to another protocol."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        head, self._head_without_upgrade = self._head_without_upgrade, b""
        return head

    def _schedule_request_check(self) -> None:
        self._received, self._was_unfinished = 0, self._unfinished
        self._check_timer = self.loop.call_later(self.timeout_seconds, self._check_request)

    def _cancel_request_check(self) -> None:
        if self._check_timer is not None:
            self._check_timer.cancel()
            self._check_timer = None

    def _check_request(self) -> None:
        """Closes connections with slow requests. A client is not slow while the server has paused reading."""
        if self.pipeline and self.flow.read_paused and self._has_response_started():
            self.transport.close()
        elif not self._was_unfinished or self._received >= MIN_RECEIVED_BYTES or self.flow.read_paused:
            self._schedule_request_check()
        elif self._in_head or (self._has_request and not self.cycle.response_started):
            self._reject(HTTPStatus.REQUEST_TIMEOUT, "The request was not received in time.")
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        follows = self._complete and not self.url
        self._reject(HTTPStatus.BAD_REQUEST, self._reason or (NOT_A_REQUEST if follows else msg))

    def shutdown(self) -> None:
        """Ends streams of events. Other responses may take longer, unless their end is not known and is not read."""
        super().shutdown()
        self._drain(self._abort_unread_stream)

    def _abort_unread_stream(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread and self._current is not None and self._is_streaming(self._current):
            self.transport.abort()

    def _is_responding(self) -> bool:
        return self._current is not None and not self._current.response_complete

    def _has_response_started(self) -> bool:
        """Returns whether a response has started and not ended, like a stream."""
        return self._current is not None and self._current.response_started and self._is_responding()

    def _reject(self, status: HTTPStatus, message: str) -> None:
        """Sends an error and closes, after the responses to earlier complete requests."""
        cycle = self._current if self._is_responding() else None
        if cycle is None or (cycle.more_body and not cycle.response_started):
            reject_and_close(self, self.transport, status, message)
        elif cycle.more_body or self._is_streaming(cycle):
            self.transport.close()  # the client would read an error as a part of that response
        else:
            if self.pipeline and self.pipeline[0][0].more_body:
                self.pipeline.popleft()
            self._last_response = status, message
            self._unfinished = self._was_unfinished = False

    @staticmethod
    def _is_streaming(cycle: RequestResponseCycle) -> bool:
        """Returns whether the response has started and its length is not known."""
        return cycle.response_started and cycle.chunked_encoding is not False


def reject_and_close(
    protocol: asyncio.Protocol, transport: asyncio.Transport, status: HTTPStatus, message: str
) -> None:
    """Sends an error, and closes the connection after the client has read it."""
    body = error_body(message)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {ERROR_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    transport.write(head.encode() + body)
    linger(protocol, transport)


def error_body(message: str) -> bytes:
    """Returns the body of an error, of type `ERROR_TYPE`."""
    return orjson.dumps({"errors": [describe(BadRequest(message))]})
