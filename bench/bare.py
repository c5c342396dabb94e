"""An ASGI application without GraphQL: it answers each token with stored bytes.

PUT stores the body as the response for the request's token, with the headers that `stored-headers` contains as JSON.
The interpreter has the settings of our server.
"""

import orjson
from starlette.types import Receive, Scope, Send

from cli.runtime import shorten_switch_interval, tune_garbage_collection

tune_garbage_collection()
shorten_switch_interval()

_stored: dict[bytes, tuple[list[tuple[bytes, bytes]], bytes]] = {}
_EMPTY = ([(b"content-length", b"0")], b"")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    token = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    if scope["method"] == "PUT":
        _stored[token] = (_headers(scope, body), body)
        body = b""
    headers, answer = _stored.get(token, _EMPTY) if scope["method"] == "POST" else _EMPTY
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def _headers(scope: Scope, body: bytes) -> list[tuple[bytes, bytes]]:
    given = next(value for name, value in scope["headers"] if name == b"stored-headers")
    others = [(name.encode(), value.encode()) for name, value in orjson.loads(given)]
    return [(b"content-length", str(len(body)).encode()), *others]
