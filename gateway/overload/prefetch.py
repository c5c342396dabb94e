"""Recognizes requests for what a user may need later."""

from starlette.types import Scope

from gateway.http.headers import first_values

PREFETCH_HEADERS = (b"sec-purpose", b"purpose")
"""The headers by which browsers and apps mark a prefetch. Their value begins with the token `prefetch`."""


def is_prefetch(scope: Scope) -> bool:
    """Returns whether the headers of a request mark it as a prefetch."""
    values = first_values(scope)
    for name in PREFETCH_HEADERS:
        value = values.get(name)
        if value is not None and value.partition(b";")[0].strip().lower() == b"prefetch":
            return True
    return False
