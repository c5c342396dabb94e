"""Requests that a page of another site can make a browser send without asking first.

A browser asks before it sends a header of our own, or a content type that no form has. So either proves that the sender
is no such page, or one that may ask. See decision 14.
"""

from starlette.types import Scope

from gateway.errors.request_error import malformed
from gateway.http.headers import header

PROOFS = frozenset({b"apollo-require-preflight", b"graphql-require-preflight", b"x-apollo-operation-name"})
_OF_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_UNASKED = frozenset({"no-cors", "navigate"})
_TRUSTED = frozenset({"same-origin", "none"})


def check_form(scope: Scope) -> None:
    """`RequestError` for a form, unless it proves that no page of another site has sent it."""
    if not any(name in PROOFS for name, _ in scope["headers"]):
        raise malformed(
            "A page of another site may have sent this request. Send the header graphql-require-preflight: 1."
        )


def check_get(scope: Scope) -> None:
    """`RequestError` for a GET of which the browser says that a page of another site has caused it, as by an image."""
    mode = header(scope, b"sec-fetch-mode")
    if mode not in _UNASKED or header(scope, b"sec-fetch-site") in _TRUSTED:
        return
    content_type = header(scope, b"content-type")
    if content_type and content_type.partition(";")[0].strip().lower() not in _OF_FORMS:
        return
    check_form(scope)
