"""The objects with which a WebSocket is opened."""

from collections.abc import Callable
from typing import NamedTuple

from starlette.types import Receive, Send

from gateway.callers.clients import ClientReader
from gateway.live.deliveries import LiveDeliveries
from gateway.streaming.connections import OpenConnections


class Channel(NamedTuple):
    """The ASGI channel of a WebSocket. `push` writes frames at once and returns True, if the client reads."""

    receive: Receive
    send: Send
    push: Callable[[bytes], bool]


class WebSocketContext(NamedTuple):
    """The objects that all WebSockets of an application share."""

    deliveries: LiveDeliveries
    connections: OpenConnections
    clients: ClientReader
