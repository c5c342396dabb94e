"""`/graphql` for WebSockets."""

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from core.origins import Origins
from gateway.callers.addresses import AddressReader
from gateway.callers.clients import ClientReader
from gateway.execution.operations import Operations
from gateway.streaming.connections import OpenConnections
from gateway.websocket.messages import SUBPROTOCOL, CloseCode
from gateway.websocket.socket import WebSocketConnection, WebSocketContext


class WebSocketEndpoint:
    """Opens sockets for clients that speak graphql-transport-ws, from pages that may ask over HTTP, too."""

    def __init__(
        self,
        operations: Operations,
        connections: OpenConnections,
        addresses: AddressReader,
        clients: ClientReader,
        origins: Origins,
    ) -> None:
        self._sockets = WebSocketContext(operations, connections, clients)
        self._addresses = addresses
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        offered: list[str] = scope["subprotocols"]
        # Who offers subprotocols and gets none back never sees why: their own side closes, with 1006.
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        connection = HTTPConnection(scope)
        if subprotocol != SUBPROTOCOL:
            await _refuse(send, CloseCode.SUBPROTOCOL, f"Speak {SUBPROTOCOL}")
        elif not self._origins.permit(connection.headers.get("origin"), connection.headers.get("host")):
            self._origins.log_rejection(connection.headers["origin"])
            await _refuse(send, CloseCode.REFUSED, "Pages of this origin may not ask")
        else:
            address = self._addresses.of(connection)
            await WebSocketConnection(self._sockets, scope["app"].state.resources, address, receive, send).run(
                scope["headers"]
            )


async def _refuse(send: Send, code: CloseCode, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})
