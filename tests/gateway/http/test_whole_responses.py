"""Responses that are sent by one call, and those that cannot be."""

from typing import Any

from starlette.types import Message, Receive, Scope, Send

from core.origins import Origins, read_origins
from gateway.http.cors import CrossOrigin
from gateway.http.front import HttpFront
from gateway.http.responses import json_response
from gateway.http.security import SecurityHeaders
from gateway.statistics import HttpStatistics


async def _responds(scope: Scope, receive: Receive, send: Send) -> None:
    await json_response({})(scope, receive, send)


async def test_a_client_that_disconnected_gets_its_response_by_messages_which_end_nowhere() -> None:
    """The server removes its extensions from the scope when the connection is lost."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    cross_origin = CrossOrigin(Origins(read_origins("BFF_CORS_ORIGINS", ""), loopback=False))
    security = SecurityHeaders(production=False)
    front = HttpFront(
        _responds,
        paths={},
        websocket_paths={},
        security=security,
        cross_origin=cross_origin,
        statistics=HttpStatistics(),
    )
    for extensions in ({}, None):
        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": [],
            "scheme": "http", "extensions": extensions,
        }  # fmt: skip
        sent.clear()
        await front(scope, receive, send)
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        assert sent[0]["status"] == 200
