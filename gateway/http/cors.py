"""CORS: permits requests of pages of other origins."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.origins import Origins, is_same
from gateway.http.headers import header, varying

_MAX_REQUESTED = 1024
_ANSWERED = ((b"content-length", b"0"), (b"vary", b"Origin, Access-Control-Request-Headers"))
_PREFLIGHT = ((b"access-control-allow-methods", b"GET, POST"), (b"access-control-max-age", b"7200"))
_EXPOSED = (b"access-control-expose-headers", b"ETag, Retry-After, X-Request-Id")
_CREDENTIALS = (b"access-control-allow-credentials", b"true")


class CrossOrigin:
    """Permits requests of pages of the listed origins, and answers preflight requests.

    `*` permits all origins, without cookies and other credentials of the browser. For other origins no headers are
    sent, so browsers do not show the response to the page.
    """

    def __init__(self, app: ASGIApp, *, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = header(scope, b"origin")
        permission = self._permission(origin)
        if origin and not permission and not is_same(origin, header(scope, b"host")):
            self._origins.log_rejection(origin)
        if not self._origins and not permission:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            await _answer_preflight(scope, send, permission)
            return

        async def send_permitted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = varying(message["headers"], b"Origin")
                message["headers"] = [*headers, *permission, _EXPOSED] if permission else headers
            await send(message)

        await self._app(scope, receive, send_permitted)

    def _permission(self, origin: str | None) -> Sequence[tuple[bytes, bytes]]:
        """Returns the headers that permit this origin to read the response, or none."""
        if origin is None:
            return ()
        if self._origins.contains(origin):
            return ((b"access-control-allow-origin", origin.encode("latin-1")), _CREDENTIALS)
        return ((b"access-control-allow-origin", b"*"),) if self._origins.any else ()


async def _answer_preflight(scope: Scope, send: Send, permission: Sequence[tuple[bytes, bytes]]) -> None:
    headers = [*_ANSWERED]
    if permission:
        requested = (header(scope, b"access-control-request-headers") or "")[:_MAX_REQUESTED]
        headers += [*permission, *_PREFLIGHT, (b"access-control-allow-headers", requested.encode("latin-1"))]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
