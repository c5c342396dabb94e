"""An ASGI application without GraphQL: it acknowledges subscriptions, and sends each frame to all of them."""

import asyncio
import json

from starlette.types import ASGIApp, Receive, Scope, Send

_ANSWERS = {"connection_init": '{"type":"connection_ack"}', "ping": '{"type":"pong"}'}


def create_app() -> ASGIApp:
    """Returns an application. POST /publish sends the frame in its body to all subscribers, `count` times."""
    subscribers = set[Send]()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _follow(receive, send, subscribers)
            return
        body = b""
        more = scope["method"] == "POST"
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        if body:
            await _publish(json.loads(body), subscribers)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    return application


async def _publish(command: dict[str, str], subscribers: set[Send]) -> None:
    for _ in range(int(command["count"])):
        for send in subscribers:
            await send({"type": "websocket.send", "text": command["frame"]})
        await asyncio.sleep(0)


async def _follow(receive: Receive, send: Send, subscribers: set[Send]) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
    while (message := await receive())["type"] == "websocket.receive":
        kind = json.loads(message["text"])["type"]
        if kind == "subscribe":
            subscribers.add(send)
        elif kind in _ANSWERS:
            await send({"type": "websocket.send", "text": _ANSWERS[kind]})
    subscribers.discard(send)
