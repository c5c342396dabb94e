"""Defines an ASGI application that responds from memory. The profile measures the cost of HTTP with it."""

from starlette.types import Receive, Scope, Send

_BODY = b'{"data":{"viewer":{"id":"%s"}}}' % (b"." * 16_000)
"""The response, about as long as a home screen."""
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-type", b"application/json; charset=utf-8"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"x-request-id", b"0123456789abcdef"),
]


async def application(_scope: Scope, receive: Receive, send: Send) -> None:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
