"""How an answer is written down."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotFound
from gateway.errors import NotExecuted, bad_request, refuse
from gateway.http.negotiation import quality

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
CONTENT_TYPES = {JSON: f"{JSON}; charset=utf-8", GRAPHQL_RESPONSE: f"{GRAPHQL_RESPONSE}; charset=utf-8"}

_NOT_KEPT = {"Cache-Control": "no-store"}
_RETRIED = frozenset({429, 503})
_BAD_REQUEST, _NOT_FOUND = 400, 404
_WILDCARDS = frozenset({"*/*", "application/*"})


def json_response(
    body: Mapping[str, Any], status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that nobody on the way may keep."""
    headers = {**_NOT_KEPT, **(headers or {})}
    if status in _RETRIED:
        headers.setdefault("Retry-After", "1")
    return Response(orjson.dumps(body), status, headers, CONTENT_TYPES[media_type])


async def http_error(_request: Request, error: Exception) -> Response:
    """What the router answers when there is nothing at an address, or not by this method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == _NOT_FOUND:
        refused = refuse(NotFound("There is nothing at this address."), _NOT_FOUND)
    else:
        refused = bad_request(error.detail, error.status_code, error.headers)
    return refusal(refused)


def refusal(refused: NotExecuted, media_type: str = JSON) -> Response:
    """Clients that take JSON alone read errors from a 200, and give up on a 400."""
    readable = media_type == JSON and not refused.malformed and refused.status == _BAD_REQUEST
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
        if found in CONTENT_TYPES and wish > most:
            best, most = found, wish
    return best
