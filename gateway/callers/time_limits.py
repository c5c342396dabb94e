"""Reads how long a client waits for the response."""

import re

from starlette.types import Scope

from gateway.errors.request_error import bad_request
from gateway.http.headers import header

HEADER = "X-Envoy-Expected-Rq-Timeout-Ms"
"""Proxies with Envoy set this header, and apps may send it. Decision 27 compares it with others."""

_NAME = HEADER.lower().encode()
_MILLISECONDS = re.compile(r"\d{1,10}", re.ASCII)


def client_seconds(scope: Scope) -> float | None:
    """Returns the seconds after which the client or a proxy gives up. None without the header, or if it is 0.

    Raises `RequestError` if the header is not a number of milliseconds.
    """
    text = header(scope, _NAME)
    if text is None:
        return None
    if not _MILLISECONDS.fullmatch(text):
        raise bad_request(f"{HEADER} must be a number of milliseconds, with up to ten digits.")
    return int(text) / 1000 or None
