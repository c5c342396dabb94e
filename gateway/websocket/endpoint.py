"""Handles WebSockets to `/graphql`."""

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from core.origins import Origins
from gateway.callers.addresses import AddressReader
from gateway.server.websocket_protocol import PUSH_EXTENSION
from gateway.websocket.connection import WebSocketConnection
from gateway.websocket.context import Channel, WebSocketContext
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
        if subprotocol != SUBPROTOCOL:
            await _reject(send, CloseCode.SUBPROTOCOL, f"Use the subprotocol {SUBPROTOCOL}")
        elif not self._permits(HTTPConnection(scope)):
            await _reject(send, CloseCode.FORBIDDEN, "This origin is not allowed")
        else:
            connection = self._connection(scope, receive, send)
            scope.clear()  # the server and the application refer to it as long as the WebSocket is open
            await connection.run()

    def _permits(self, request: HTTPConnection) -> bool:
        origin = request.headers.get("origin")
        if self._origins.permit(origin, request.headers.get("host")):
            return True
        self._origins.log_rejection(request.headers["origin"])
        return False

    def _connection(self, scope: Scope, receive: Receive, send: Send) -> WebSocketConnection:
        resources = scope["app"].state.resources
        address = self._addresses.read(scope)
        push = scope["extensions"].get(PUSH_EXTENSION, {}).get("push", _push_nothing)
        return WebSocketConnection(self._context, resources, address, Channel(receive, send, push), scope["headers"])


def _push_nothing(_frame: bytes) -> bool:
    """Replaces the extension on servers that do not have it: all messages are sent as usual."""
    return False


async def _reject(send: Send, code: CloseCode, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})
