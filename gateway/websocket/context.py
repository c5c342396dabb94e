"""The objects with which a WebSocket is opened."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from starlette.types import Receive, Send

from core.client import UNKNOWN, Client
from core.errors import AppUpgradeRequired
from gateway.callers.clients import ClientReader
from gateway.callers.version_gate import VersionGate
from gateway.live.deliveries import LiveDeliveries
from gateway.streaming.connections import OpenConnections
from gateway.websocket.messages import CloseCode, ProtocolViolation


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
    gate: VersionGate | None = None

    def check_client(self, payload: Mapping[str, Any], of_handshake: Client) -> Client:
        """Returns the client that a `connection_init` payload names, else that of the handshake.

        Raises `ProtocolViolation` if its version is too old.
        """
        named = self.clients.read_payload(payload)
        client = of_handshake if named == UNKNOWN else named
        if self.gate is not None:
            try:
                self.gate.check(client)
            except AppUpgradeRequired as error:
                reason = f"{error.code}: install version {error.minimum} or later"
                raise ProtocolViolation(CloseCode.UPGRADE_REQUIRED, reason) from None
        return client
