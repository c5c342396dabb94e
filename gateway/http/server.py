"""Before and after there are requests: what uvicorn reads and refuses by itself, and how it stops."""

from collections.abc import Callable
from http import HTTPStatus

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.errors import BadRequest
from gateway.errors import describe

LONGEST_HEAD = 64 * 1024
"""Bytes that may come without any of a body among them; uvicorn alone would take any number of them."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's HTTP with an end to the head of a request, and JSON for whoever sends what is no HTTP.

    What comes behind a body is no header of its request: a proxy that checks headers may have let it through unseen.
    When the server drains, it tells the application: uvicorn waits for streams, but does not ask them to end.
    """

    _in_head = False
    _between = 0
    """Bytes since the last one of a body: of a head, of what is said of chunks, of trailers. One read more may come."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._between = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._between = 0
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        self._between += len(data)
        super().data_received(data)
        if self._between > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too long.")

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def shutdown(self) -> None:
        super().shutdown()
        drain: Callable[[], None] = self.app_state["drain"]
        drain()

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        body = orjson.dumps({"errors": [describe(BadRequest(message))]})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
