"""Before and after there are requests: what uvicorn reads and refuses by itself, and how it stops."""

import asyncio
import logging
from collections.abc import Callable
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

MAX_HEAD_BYTES = 64 * 1024
"""Bytes that may come without any of a body among them; uvicorn alone would take any number of them."""

ERROR_TYPE = "application/json; charset=utf-8"

MAX_PIPELINED_BYTES = 256 * 1024
"""Bytes that are read behind a request that is not answered yet; behind a stream, more of them end it."""
MAX_PIPELINED_REQUESTS = 100
"""Requests that may wait there."""

NOT_A_REQUEST = (
    "The bytes after the last request are not HTTP. Content-Length is the number of bytes of the body, not of "
    "characters. A request without Content-Length or Transfer-Encoding has no body."
)

MIN_RECEIVED_BYTES = 16 * 1024
"""Bytes of a request that a client has to bring from one look to the next, unless it ends the request."""


class LimitedHttpProtocol(SlowClientTimeout, HttpToolsProtocol):
    """uvicorn's HTTP with an end to the head of a request, and JSON for whoever sends what is no HTTP.

    What comes behind a body is no header of its request: a proxy that checks headers may have let it through unseen.
    When the server drains, it tells the application: uvicorn waits for streams, but does not ask them to end.
    """

    _asked = False
    _in_head = False
    _between = 0
    """Bytes since the last one of a body: of a head, of what is said of chunks, of trailers. One read more may come."""

    _answering: RequestResponseCycle | None = None
    _ahead = 0
    """Bytes that came while requests wait for the one before them to be answered."""
    _why = ""
    """What is wrong with a request that httptools has been told to refuse."""
    _refusal: tuple[HTTPStatus, str] | None = None
    """Is sent once the complete requests before it are answered; what comes after it is not read as HTTP."""
    _read_again = b""
    """The head of a request that asked for another protocol, without asking for it."""
    _complete = 0
    """Requests of this connection that have been read to their end."""

    _unfinished = True
    """Whether a request is awaited, or has begun and not ended; `_for_long`, whether the last look found it so."""
    _for_long = False
    _brought = 0
    _looking: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = logging.getLogger("uvicorn.http")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_no_more()
        if self._answering is not None and self._is_answering():
            # uvicorn tells the last request that came, which may not be the one that is answered.
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        if self._is_answering():
            self.transport.close()  # two protocols would write to it
            return
        self._look_no_more()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._asked = self._in_head = self._unfinished = True
        self._between = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        parser: Any = self.parser
        if parser.should_upgrade() and not self._should_upgrade():
            if parser.get_method() == b"CONNECT":
                self._why = "This server is not a proxy."
                raise ValueError(self._why)  # which ends reading, with `send_400_response`
            version = parser.get_http_version()
            self._read_again = head_without_upgrade(parser.get_method(), self.url, version, self.headers)
            return
        if len(self.pipeline) >= MAX_PIPELINED_REQUESTS:
            self._why = "Too many pipelined requests. Wait for responses."
            raise ValueError(self._why)
        super().on_headers_complete()
        self._read_on()

    def on_body(self, body: bytes) -> None:
        self._between = 0
        super().on_body(body)
        self._read_on()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        self._ahead = 0
        super()._start_asgi_task(cycle, app)

    def _read_on(self) -> None:
        """Also behind a request that is not answered: who leaves in the middle of a stream has to be heard."""
        if self.pipeline and self._ahead <= MAX_PIPELINED_BYTES:
            self.flow.resume_reading()

    def on_message_complete(self) -> None:
        if self._read_again:
            return
        self._unfinished = self._for_long = False
        self._complete += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._refusal is not None and not self._is_answering() and not is_over(self.transport):
            self._unset_keepalive_if_required()
            reject_and_close(self, self.transport, *self._refusal)

    def data_received(self, data: bytes) -> None:
        self._ahead = self._ahead + len(data) if self.pipeline or self._refusal else 0
        if self._refusal:
            if self._ahead > MAX_DISCARDED:
                self.transport.close()
            return
        if self._ahead > MAX_PIPELINED_BYTES and self._has_begun_to_answer():
            self.transport.close()
            return
        self._unfinished = True
        self._brought += len(data)
        self._between += len(data)
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._between > MAX_HEAD_BYTES and self._refusal is None and not is_over(self.transport):
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too long.")

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserError:
                self.logger.warning("Invalid HTTP request received.")
                self.send_400_response("Invalid HTTP request received.")
            except HttpParserUpgrade as upgrade:
                if self._read_again:
                    data = self._without_upgrade() + data[upgrade.args[0] :]
                    continue
                self.handle_websocket_upgrade()
            return

    def _without_upgrade(self) -> bytes:
        """The head to read again, by a new parser: this one has taken the body for another protocol."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        head, self._read_again = self._read_again, b""
        return head

    def _look_later(self) -> None:
        self._brought, self._for_long = 0, self._unfinished
        self._looking = self.loop.call_later(self.patience, self._look_for_request)

    def _look_no_more(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look_for_request(self) -> None:
        """A client that we do not read from, since the application has enough to do, is not late."""
        if self.pipeline and self.flow.read_paused and self._has_begun_to_answer():
            self.transport.close()
        elif not self._for_long or self._brought >= MIN_RECEIVED_BYTES or self.flow.read_paused:
            self._look_later()
        elif self._in_head or (self._asked and not self.cycle.response_started):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request was not received in time.")
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        follows = self._complete and not self.url
        self._refuse(HTTPStatus.BAD_REQUEST, self._why or (NOT_A_REQUEST if follows else msg))

    def shutdown(self) -> None:
        super().shutdown()
        drain: Callable[[], None] = self.app_state["drain"]
        drain()

    def _is_answering(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def _has_begun_to_answer(self) -> bool:
        """As a stream has for as long as it goes on."""
        return self._answering is not None and self._answering.response_started and self._is_answering()

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answers with an error and closes, after the answers to the complete requests before it."""
        answering = self._answering if self._is_answering() else None
        if answering is None or (answering.more_body and not answering.response_started):
            reject_and_close(self, self.transport, status, message)
        elif answering.more_body or self._is_streaming(answering):
            self.transport.close()  # what is written here would be taken for a part of that answer
        else:
            if self.pipeline and self.pipeline[0][0].more_body:
                self.pipeline.popleft()
            self._refusal = status, message
            self._unfinished = self._for_long = False

    @staticmethod
    def _is_streaming(answering: RequestResponseCycle) -> bool:
        """Whether the answer has begun and may go on without an end."""
        return answering.response_started and answering.chunked_encoding is not False


def reject_and_close(
    protocol: asyncio.Protocol, transport: asyncio.Transport, status: HTTPStatus, message: str
) -> None:
    """Answers what is no request, and waits for no other."""
    body = error_body(message)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {ERROR_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    transport.write(head.encode() + body)
    linger(protocol, transport)


def error_body(message: str) -> bytes:
    """Of an answer by the server itself, of type `ERROR_TYPE`."""
    return orjson.dumps({"errors": [describe(BadRequest(message))]})
