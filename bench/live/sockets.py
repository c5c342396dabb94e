"""WebSockets of the client: plain sockets, without a library, so that the client costs little."""

import json
import os
import socket
from base64 import b64encode
from collections.abc import Callable
from enum import IntEnum, auto
from typing import Any

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_SHORT, _MEDIUM = 126, 127
_READ_BYTES = 256 * 1024
_NO_MASK = bytes(4)
"""Masking with zeros changes nothing, so the client saves the work."""


class State(IntEnum):
    """The state of a socket. It is ready when it was acknowledged and has sent `subscribe`."""

    CONNECTING = auto()
    READY = auto()


class ClientError(Exception):
    """Raised when a server does not behave as expected. Its message is one line."""


class ClientSocket:
    """One WebSocket. `count` is called with the number of frames that arrived together, and the text of the first."""

    __slots__ = ("_count", "_head", "_rest", "_socket", "_subscribe", "_token", "state")

    def __init__(self, number: int, port: int, token: str, subscribe: Any, count: Callable[[int, bytes], None]) -> None:
        self._socket = socket.socket()
        # Each socket has its own address, like a phone.
        self._socket.bind((f"127.1.{number >> 8 & 255}.{number & 255}", 0))
        self._socket.connect(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._token = token
        self._subscribe = subscribe
        self._count = count
        self._rest = b""
        self._head = False
        self.state = State.CONNECTING
        self._socket.send(_handshake(port))

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def read(self) -> None:
        """Reads what has arrived."""
        received = self._socket.recv(_READ_BYTES)
        if not received:
            raise ClientError("the server has closed a socket")
        data = self._rest + received if self._rest else received
        if not self._head:
            head, separator, data = data.partition(b"\r\n\r\n")
            if not separator:
                raise ClientError("the response to a handshake came in parts")
            if b" 101 " not in head[:16]:
                raise ClientError(f"a handshake was rejected: {head[:100].decode()}")
            self._head = True
            self._send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {self._token}"}})
        self._rest = data[self._read_frames(data) :]

    def _read_frames(self, data: bytes) -> int:
        """Returns the position after the last whole frame."""
        position, end, frames, first = 0, len(data), 0, b""
        while end - position >= 2:  # noqa: PLR2004 - the shortest head
            length, start = data[position + 1], position + 2
            if length == _SHORT:
                start += 2
            elif length == _MEDIUM:
                start += 8
            if start > end:
                break
            if length >= _SHORT:
                length = int.from_bytes(data[position + 2 : start])
            if start + length > end:
                break
            opcode = data[position] & 15
            if opcode == _TEXT and self.state is State.READY:
                frames += 1
                first = data[start : start + length] if frames == 1 else first
            else:
                self._on_frame(opcode, data[start : start + length])
            position = start + length
        if frames:
            if b'"errors"' in data or b'"error"' in data:
                raise ClientError(f"an operation failed: {first[:300].decode(errors='replace')}")
            self._count(frames, first)
        return position

    def _on_frame(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._send(_PONG, payload)
        elif opcode == _CLOSE:
            raise ClientError(f"the server has closed a socket: {payload[2:].decode()}")
        elif opcode == _TEXT and self.state is State.CONNECTING:
            self.state = State.READY
            if self._subscribe is not None:
                self._send_json({"type": "subscribe", "id": "1", "payload": self._subscribe})
        else:
            raise ClientError(f"an unexpected frame: {payload[:200].decode(errors='replace')}")

    def _send_json(self, message: object) -> None:
        self._send(_TEXT, json.dumps(message).encode())

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        size = bytes([0x80 | length]) if length < _SHORT else bytes([0x80 | _SHORT]) + length.to_bytes(2)
        frame = bytes([0x80 | opcode]) + size + _NO_MASK + payload
        if self._socket.send(frame) != len(frame):
            raise ClientError("the server does not read")


def _handshake(port: int) -> bytes:
    key = b64encode(os.urandom(16)).decode()
    return (
        f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: bff-bench/1.0\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    ).encode()
