"""An ASGI application without GraphQL: it answers each token with stored bytes.

PUT stores the body as the response for the request's token.
"""

from starlette.types import Receive, Scope, Send

_stored: dict[bytes, tuple[list[tuple[bytes, bytes]], bytes]] = {}
_EMPTY = ([(b"content-length", b"0")], b"")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    token = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    if scope["method"] == "PUT":
        _stored[token] = (_headers(body), body)
        body = b""
    headers, answer = _stored.get(token, _EMPTY) if scope["method"] == "POST" else _EMPTY
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def _headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"cache-control", b"no-store"),
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", b"0123456789abcdef"),
    ]
