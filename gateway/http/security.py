"""Adds security headers to responses."""

from starlette.types import Scope

from gateway.http.headers import header

_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_POLICY_NAME = _POLICY[0]
_ALL_RESPONSES = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_DEFAULT = (_POLICY, *_ALL_RESPONSES)
_OVER_TLS = (*_DEFAULT, _STRICT_TRANSPORT)


class SecurityHeaders:
    """Adds a content security policy, forbids framing and MIME sniffing, and in production requires TLS (HSTS).

    A response may have its own content security policy. As the standard requires, HSTS is sent over TLS only. A proxy
    that terminates TLS sends `X-Forwarded-Proto`.
    """

    def __init__(self, *, production: bool) -> None:
        self._production = production

    def of_json(self, scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
        """Returns the headers of a response that has no content security policy of its own."""
        return _OVER_TLS if self._production and _is_over_tls(scope) else _DEFAULT

    def add(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> None:
        """Adds the headers to those of a response."""
        for name, _ in headers:
            if name == _POLICY_NAME:
                break
        else:
            headers.append(_POLICY)
        headers += _ALL_RESPONSES
        if self._production and _is_over_tls(scope):
            headers.append(_STRICT_TRANSPORT)


def _is_over_tls(scope: Scope) -> bool:
    return scope["scheme"] == "https" or header(scope, b"x-forwarded-proto") == "https"
