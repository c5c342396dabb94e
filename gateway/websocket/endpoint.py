"""Handles WebSockets to `/graphql`."""

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from core.origins import Origins
from gateway.callers.addresses import AddressReader
from gateway.server.websocket_protocol import PUSH_EXTENSION
from gateway.websocket.connection import Channel, WebSocketConnection, WebSocketContext
from gateway.websocket.messages import SUBPROTOCOL, CloseCode


class WebSocketEndpoint:
    """Accepts WebSockets with graphql-transport-ws, from the same origins as HTTP requests."""

    def __init__(self, context: WebSocketContext, addresses: AddressReader, origins: Origins) -> None:
        self._context = context
        self._addresses = addresses
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        offered: list[str] = scope["subprotocols"]
        # A client that offers subprotocols and gets none closes with 1006, and does not see the close code.
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        connection = HTTPConnection(scope)
        if subprotocol != SUBPROTOCOL:
            await _reject(send, CloseCode.SUBPROTOCOL, f"Use the subprotocol {SUBPROTOCOL}")
        elif not self._origins.permit(connection.headers.get("origin"), connection.headers.get("host")):
            self._origins.log_rejection(connection.headers["origin"])
            await _reject(send, CloseCode.FORBIDDEN, "This origin is not allowed")
        else:
            resources = scope["app"].state.resources
            address = self._addresses.read(connection)
            push = scope["extensions"].get(PUSH_EXTENSION, {}).get("push", _push_nothing)
            channel = Channel(receive, send, push)
            await WebSocketConnection(self._context, resources, address, channel).run(scope["headers"])


def _push_nothing(_frame: bytes) -> bool:
    """Replaces the extension on servers that do not have it: all messages are sent as usual."""
    return False


async def _reject(send: Send, code: CloseCode, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})
