"""Extends uvicorn's WebSocket protocol with limits and JSON errors."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request, Response
from websockets.typing import StatusLike

from gateway.server.http_protocol import ERROR_TYPE, error_body, reject_and_close
from gateway.server.lingering import is_over
from gateway.server.slow_clients import SlowClientTimeout
from gateway.server.waiting import Flag, MessageQueue

MAX_MESSAGE_BYTES = 64 * 1024
MAX_SLICE_BYTES = 4 * 1024
"""Bytes that are parsed in one turn of the event loop: some 200 of the shortest messages, which take a few ms."""
MAX_FRAGMENTS = 1024
"""Fragments of a message. Empty fragments do not count in its size."""

PUSH_EXTENSION = "bff.push"
"""The ASGI extension by which the application writes frames without waiting."""

_INVALID_PAYLOAD, _TOO_BIG, _TRY_AGAIN = 1007, 1009, 1013
_NO_HANDSHAKE = "Invalid WebSocket handshake: it has a body, or its headers are too long or too many."
_LOGGER = "uvicorn.websockets"
"""Logs errors only, as `configure_logging` sets it."""


class LimitedWebSocketProtocol(SlowClientTimeout, WebSocketsSansIOProtocol):
    """Rejects text that is not UTF-8 like other violations. uvicorn would log a traceback.

    Successful connections are not logged here: uvicorn would log the URL with its query, where some clients put a
    token, and every frame at debug level. `gateway.sockets` logs one line per WebSocket.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default_headers = [each for each in self.default_headers if each[0] != b"connection"]  # of HTTP only
        self._messages = MessageQueue[ASGIReceiveEvent]()
        self._unparsed = b""
        self.queue = cast("asyncio.Queue[ASGIReceiveEvent]", self._messages)
        self.writable = cast("asyncio.Event", Flag())
        self.writable.set()
        self.logger = self.conn.logger = logging.getLogger(_LOGGER)
        self.conn.debug = False
        self.conn.reject = partial(_reject_in_json, self.conn.reject)

    def data_received(self, data: bytes) -> None:
        """Rejects an invalid handshake. The first data contains the whole request, and uvicorn would wait for more.

        Later data is parsed in slices, one in each turn of the event loop. A read may contain 10,000 messages, and
        other requests would wait until all of them are handled.
        """
        if self.handshake_initiated:
            is_waiting = bool(self._unparsed)
            self._unparsed += data
            if not is_waiting:
                self._parse_slice()
            return
        super().data_received(data)
        if not self.handshake_initiated and not is_over(self.transport):
            reject_and_close(self, self.transport, HTTPStatus.BAD_REQUEST, _NO_HANDSHAKE)

    def _parse_slice(self) -> None:
        if is_over(self.transport):
            self._unparsed = b""
            return
        data, self._unparsed = self._unparsed[:MAX_SLICE_BYTES], self._unparsed[MAX_SLICE_BYTES:]
        super().data_received(data)
        if self._unparsed:
            self.transport.pause_reading()
            self.loop.call_soon(self._parse_slice)
        elif not self.read_paused and not is_over(self.transport):
            self.transport.resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        while self._messages.empty():
            await self._messages.added()
        message = self._messages.get_nowait()
        if self.read_paused and self._messages.empty():
            self.read_paused = False
            if not self._unparsed:
                self.transport.resume_reading()
        return message

    async def send(self, message: ASGISendEvent) -> None:
        """Sends nothing after a close frame, no matter which side closed the WebSocket.

        uvicorn treats a message of the application after it as an error of the application.
        """
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept" and self.handshake_complete:
            # The handshake is over, and an idle WebSocket does not keep it. The parser still refers to the request.
            self.request.headers.clear()
            del self.request, self.response, self.scope, self.conn.reject

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"] = {**(self.scope.get("extensions") or {}), PUSH_EXTENSION: {"push": self.push}}

    def push(self, frames: bytes) -> bool:
        """Writes frames at once. Returns False, and writes nothing, while the client does not read."""
        if not self.writable.is_set():
            return False
        if not self.close_sent and not is_over(self.transport):
            self.transport.write(frames)
        return True

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self.close_sent = True  # uvicorn answers the client's close frame

    def handle_parser_exception(self) -> None:
        """Drops messages that the application has not received yet. It could not answer them."""
        if self.close_sent or self.conn.close_sent is None:
            self.transport.close()
            return
        while not self._messages.empty():
            self._messages.get_nowait()
        super().handle_parser_exception()

    def shutdown(self) -> None:
        """Has the application close the WebSocket with a reason. uvicorn would send none."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self._drain(self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Closes the WebSocket of a client that has sent no pong. Clients connect again after this code.

        uvicorn would send 1011, which clients treat as fatal, for example on a phone that was asleep.
        """
        self.pong_timer = self.pending_ping_payload = None
        if self.close_sent or self.transport.is_closing():
            return
        unread = self.transport.get_write_buffer_size()
        self.conn.fail(_TRY_AGAIN, "No pong was received in time")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        if unread:  # close() would wait until the client has read it
            self.transport.abort()

    def handle_ping(self) -> None:
        """Ignores pings while the client does not read, because pongs would pile up. The standard allows that."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_text(self, event: Frame) -> None:
        super().handle_text(event)
        event.data = b""  # the parser refers to the last frame, which may be a long subscription

    def handle_bytes(self, event: Frame) -> None:
        super().handle_bytes(event)
        event.data = b""  # as above

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
