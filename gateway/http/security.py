"""Adds security headers to responses."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.headers import header

_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_ALL_RESPONSES = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeaders:
    """Adds a content security policy, forbids framing and MIME sniffing, and in production requires TLS (HSTS).

    A response may have its own content security policy. As the standard requires, HSTS is sent over TLS only. A proxy
    that terminates TLS sends `X-Forwarded-Proto`.
    """

    def __init__(self, app: ASGIApp, *, production: bool) -> None:
        self._app = app
        self._production = production

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *_ALL_RESPONSES]
                if _POLICY[0] not in dict(headers):
                    headers.append(_POLICY)
                if self._production and _is_over_tls(scope):
                    headers.append(_STRICT_TRANSPORT)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_secured)


def _is_over_tls(scope: Scope) -> bool:
    return scope["scheme"] == "https" or header(scope, b"x-forwarded-proto") == "https"
