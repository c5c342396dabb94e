"""Limits the size of URLs and headers."""

from itertools import chain

from starlette.types import Scope

from gateway.errors.request_error import RequestError, bad_request

MAX_URI_BYTES = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024


def too_long(scope: Scope) -> RequestError | None:
    """Returns the rejection of a URL or headers that are longer than those of real clients, or None."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) >= MAX_URI_BYTES:
        return bad_request(f"The URL is longer than {MAX_URI_BYTES} bytes. Use POST.", 414)
    if sum(map(len, chain.from_iterable(scope["headers"]))) > MAX_HEADER_BYTES:
        return bad_request(f"The headers are longer than {MAX_HEADER_BYTES} bytes in total.", 431)
    return None
