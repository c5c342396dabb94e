"""CORS: permits requests of pages of other origins."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.types import Scope

from core.origins import Origins, is_same
from gateway.http.headers import header, varying

Headers = Sequence[tuple[bytes, bytes]]

_MAX_REQUESTED = 1024
_ANSWERED = ((b"vary", b"Origin, Access-Control-Request-Headers"),)
_PREFLIGHT = ((b"access-control-allow-methods", b"GET, POST"), (b"access-control-max-age", b"7200"))
_EXPOSED = (
    b"access-control-expose-headers",
    b"App-Upgrade, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
)
_CREDENTIALS = (b"access-control-allow-credentials", b"true")


class CrossOrigin:
    """Permits requests of pages of the listed origins.

    `*` permits all origins, without cookies and other credentials of the browser. For other origins no headers are
    sent, so browsers do not show the response to the page.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def permission(self, scope: Scope) -> Headers | None:
        """Returns the headers that permit the page of a request to read the response. Logs an origin without them.

        A form of a page without referrer has the origin `null`. It is not logged, because no page reads the response.
        Returns None if no origin is permitted, so that responses do not depend on it.
        """
        origin = header(scope, b"origin")
        if origin is None:
            return () if self._origins else None
        headers = self._headers(origin)
        is_form = origin == "null" and header(scope, b"sec-fetch-mode") == "navigate"
        if origin and not headers and not is_form and not is_same(origin, header(scope, b"host")):
            self._origins.log_rejection(origin)
        return headers if headers or self._origins else None

    @staticmethod
    def add(permission: Headers, headers: Headers) -> list[tuple[bytes, bytes]]:
        """Returns the headers of a response with those of a permission."""
        varied = varying(headers, b"Origin")
        return [*varied, *permission, _EXPOSED] if permission else varied

    def _headers(self, origin: str) -> Headers:
        if self._origins.contains(origin):
            return ((b"access-control-allow-origin", origin.encode("latin-1")), _CREDENTIALS)
        return ((b"access-control-allow-origin", b"*"),) if self._origins.any else ()


def is_preflight(scope: Scope) -> bool:
    """Returns whether a browser asks what a page may send."""
    return scope["method"] == "OPTIONS" and bool(header(scope, b"access-control-request-method"))


def preflight_response(scope: Scope, permission: Headers) -> Response:
    """Returns the response to a preflight request."""
    response = Response(status_code=204)
    response.raw_headers = [(b"content-length", b"0"), *_ANSWERED]
    if permission:
        requested = (header(scope, b"access-control-request-headers") or "")[:_MAX_REQUESTED]
        response.raw_headers += [
            *permission,
            *_PREFLIGHT,
            (b"access-control-allow-headers", requested.encode("latin-1")),
        ]
    return response
