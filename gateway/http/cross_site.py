"""Rejects cross-site requests that browsers send without a CORS preflight (CSRF).

Browsers send a preflight before requests with custom headers, and with content types that forms do not have. So such a
request is not cross-site, or its origin is permitted. See decision 14.
"""

from starlette.types import Scope

from gateway.errors.request_error import malformed
from gateway.http.headers import header

PROOFS = frozenset({b"apollo-require-preflight", b"graphql-require-preflight", b"x-apollo-operation-name"})
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_MODES_WITHOUT_PREFLIGHT = frozenset({"no-cors", "navigate"})
_TRUSTED_SITES = frozenset({"same-origin", "none"})


def check_form(scope: Scope) -> None:
    """Raises `RequestError` for a form without a header that requires a preflight."""
    if not any(name in PROOFS for name, _ in scope["headers"]):
        raise malformed(
            "A page of another site may have sent this request. Send the header graphql-require-preflight: 1."
        )


def check_get(scope: Scope) -> None:
    """Raises `RequestError` for a GET that a page of another site sent without a preflight, for example by an image."""
    mode = header(scope, b"sec-fetch-mode")
    if mode not in _MODES_WITHOUT_PREFLIGHT or header(scope, b"sec-fetch-site") in _TRUSTED_SITES:
        return
    content_type = header(scope, b"content-type")
    if content_type and content_type.partition(";")[0].strip().lower() not in _FORM_TYPES:
        return
    check_form(scope)
