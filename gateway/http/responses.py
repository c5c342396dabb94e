"""How an answer is written down."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotFound
from gateway.errors.request_error import RequestError, bad_request, reject
from gateway.http.negotiation import quality

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

_CONTENT_TYPES = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_RESPONSE)}
_NOT_KEPT = (b"cache-control", b"no-store")
_RETRIED = frozenset({429, 503})
_BAD_REQUEST, _NOT_FOUND = 400, 404
_WILDCARDS = frozenset({"*/*", "application/*"})


class JsonResponse(Response):
    """An answer that nobody on the way may keep."""

    def __init__(self, body: Any, status: int, media_type: str, headers: Mapping[str, str] | None) -> None:
        # Starlette's own way to the same headers takes three times as long as the JSON of a small answer.
        self.background = None
        self.status_code = status
        self.body = orjson.dumps(body)
        self.raw_headers = [
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", _CONTENT_TYPES[media_type]),
            _NOT_KEPT,
        ]
        if headers:
            self.headers.update(headers)


def json_response(
    body: Any, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Of a body; one that says to try again later also says when."""
    if status in _RETRIED:
        headers = {"Retry-After": "1", **(headers or {})}
    return JsonResponse(body, status, media_type, headers)


async def http_error(_request: Request, error: Exception) -> Response:
    """What the router answers when there is nothing at an address, or not by this method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == _NOT_FOUND:
        refused = reject(NotFound("There is nothing at this URL."), _NOT_FOUND)
    else:
        refused = bad_request(error.detail, error.status_code, error.headers)
    return error_response(refused)


def error_response(refused: RequestError, media_type: str = JSON, *, reads_json: bool = True) -> Response:
    """Clients that take JSON alone read errors from a 200, and give up on a 400; those of streams read no JSON."""
    readable = reads_json and media_type == JSON and not refused.malformed and refused.status == _BAD_REQUEST
    return json_response({"errors": refused.errors}, 200 if readable else refused.status, media_type, refused.headers)


@lru_cache(maxsize=256)
def preferred_media_type(accept: str) -> str:
    """Of the two types that GraphQL answers have, the one that an Accept header prefers, of equals the first.

    JSON when it wants neither: the specification leaves that to us, and an answer that can be read helps more than 406.
    """
    items = [[part.strip() for part in item.split(";")] for item in accept.lower().split(",")]
    json_is_named = any(media_type == JSON for media_type, *_ in items)
    best, most = JSON, 0.0
    for media_type, *parameters in items:
        found = JSON if media_type in _WILDCARDS and not json_is_named else media_type
        wish = quality(parameters)
        if found in _CONTENT_TYPES and wish > most:
            best, most = found, wish
    return best
