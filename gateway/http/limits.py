"""Limits the size of URLs and headers."""

from itertools import chain

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors.request_error import RequestError, bad_request
from gateway.http.responses import error_response

MAX_URI_BYTES = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024


class HeadLimits:
    """Rejects URLs and headers that are longer than those of real clients."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = _too_long(scope) if scope["type"] == "http" else None
        await (self._app if error is None else error_response(error))(scope, receive, send)


def _too_long(scope: Scope) -> RequestError | None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) >= MAX_URI_BYTES:
        return bad_request(f"The URL is longer than {MAX_URI_BYTES} bytes. Use POST.", 414)
    if sum(map(len, chain.from_iterable(scope["headers"]))) > MAX_HEADER_BYTES:
        return bad_request(f"The headers are longer than {MAX_HEADER_BYTES} bytes in total.", 431)
    return None
