"""What uvicorn does differently for WebSockets."""

import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.typing import StatusLike

from gateway.server.http_protocol import ERROR_TYPE, error_body, reject_and_close
from gateway.server.lingering import is_over
from gateway.server.slow_clients import SlowClientTimeout

MAX_MESSAGE_BYTES = 64 * 1024
MAX_FRAGMENTS = 1024
"""Of one message. Those without a byte would not make it longer."""

_INVALID_PAYLOAD, _TOO_BIG = 1007, 1009
_NO_HANDSHAKE = "Invalid WebSocket handshake: it has a body, or its headers are too long or too many."
_LOGGER = "uvicorn.websockets"
"""Without what goes well, as `configure_logging` sets it."""


class LimitedWebSocketProtocol(SlowClientTimeout, WebSocketsSansIOProtocol):
    """Refuses text that is no UTF-8 like any other violation: uvicorn logs a traceback for it.

    Of what goes well it logs nothing: uvicorn would log the address with its query, where some clients put a token, and
    every frame while debugging. `gateway.sockets` has the line about each socket.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = self.conn.logger = logging.getLogger(_LOGGER)
        self.conn.debug = False
        self.conn.reject = partial(_reject_in_json, self.conn.reject)

    def data_received(self, data: bytes) -> None:
        """The first are all of the request: where they are no handshake, uvicorn would wait for more, and never end."""
        super().data_received(data)
        if not self.handshake_initiated and not is_over(self.transport):
            reject_and_close(self, self.transport, HTTPStatus.BAD_REQUEST, _NO_HANDSHAKE)

    async def send(self, message: ASGISendEvent) -> None:
        """After a close frame nothing more is sent, whichever side or timer closed the socket.

        uvicorn takes a message that the application sends then for an error of the application.
        """
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self.close_sent = True  # the answer to the client's frame

    def handle_parser_exception(self) -> None:
        """Messages that the application has not taken yet are dropped: it could answer none of them."""
        if self.close_sent or self.conn.close_sent is None:
            self.transport.close()
            return
        while not self.queue.empty():
            self.queue.get_nowait()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        untaken = self.transport.get_write_buffer_size()
        super().keepalive_timeout()
        if untaken:  # closing waits until it is taken
            self.transport.abort()

    def handle_ping(self) -> None:
        """Unanswered, as the standard allows, while what was written before is not taken: answers would pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(_TOO_BIG, "too many fragments")
            self.handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_utf8(self.frames):
            self.conn.fail(_INVALID_PAYLOAD, "not UTF-8")
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()


def _reject_in_json(reject: Callable[[StatusLike, str], Response], status: StatusLike, text: str) -> Response:
    response = reject(status, text)
    response.body = error_body(text.partition("\n")[0])
    for name, value in {"Content-Length": str(len(response.body)), "Content-Type": ERROR_TYPE}.items():
        del response.headers[name]
        response.headers[name] = value
    return response


def _is_utf8(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True
