"""Creates JSON responses."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.errors import NotFound
from gateway.errors.request_error import RequestError, bad_request, reject
from gateway.http.compression import IS_CODED, MIN_COMPRESSED_BYTES, compress, response_coding
from gateway.http.negotiation import quality

Headers = Sequence[tuple[bytes, bytes]]

RESPOND = "respond"
"""The key of the scope for `Respond`."""

Respond = Callable[[int, Headers, bytes], bool]
"""Sends a status, a tuple of headers that many responses have, and a body in its content coding, by one call.

Returns whether the server can do that. It takes half of the time of messages of ASGI.
"""

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

_CONTENT_TYPES = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_RESPONSE)}
_CONSTANT_HEADERS = {
    name: ((b"content-type", content_type), (b"cache-control", b"no-store"), (b"vary", b"Accept-Encoding"))
    for name, content_type in _CONTENT_TYPES.items()
}
_RETRYABLE = frozenset({429, 503})
_BAD_REQUEST, _NOT_FOUND = 400, 404
_WILDCARDS = frozenset({"*/*", "application/*"})


class JsonResponse(Response):
    """A JSON response that caches must not store. Its body is serialized JSON, or a value.

    A response to POST is sent by one call if the server can do that, and otherwise by messages of ASGI.
    """

    def __init__(self, body: Any, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        # Starlette's constructor takes three times as long as the serialization of a small response.
        self.background = None
        self.status_code = status
        self.body = body if isinstance(body, bytes) else orjson.dumps(body)
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), *_CONSTANT_HEADERS[media_type]]
        if headers:
            self.raw_headers += [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        respond: Respond | None = scope.get(RESPOND)
        if respond is None or scope["method"] != "POST" or not self._respond(scope, respond):
            await super().__call__(scope, receive, send)

    def _respond(self, scope: Scope, respond: Respond) -> bool:
        body, (_, *headers) = self.body, self.raw_headers
        if len(body) >= MIN_COMPRESSED_BYTES and IS_CODED not in scope:
            body, coding = compress(bytes(body), response_coding(scope))
            if coding:
                headers.append((b"content-encoding", coding.encode()))
        return respond(self.status_code, tuple(headers), bytes(body))


def json_response(
    body: Any, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns a response with this body. Adds Retry-After to a status that permits a retry."""
    if status in _RETRYABLE:
        headers = {"Retry-After": "1", **(headers or {})}
    return JsonResponse(body, status, media_type, headers)


async def http_error(_request: Request, error: Exception) -> Response:
    """Returns the response to an error of the router: an unknown path, or a method that is not allowed."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == _NOT_FOUND:
        rejected = reject(NotFound("There is nothing at this URL."), _NOT_FOUND)
    else:
        rejected = bad_request(error.detail, error.status_code, error.headers)
    return error_response(rejected)


def error_response(error: RequestError, media_type: str = JSON, *, reads_json: bool = True) -> Response:
    """Returns a response with the errors of a rejected request.

    Clients that accept only JSON read errors from a response with 200, but not with 400. Clients that accept only
    streams do not read JSON.
    """
    needs_200 = reads_json and media_type == JSON and not error.malformed and error.status == _BAD_REQUEST
    return json_response({"errors": error.errors}, 200 if needs_200 else error.status, media_type, error.headers)


@lru_cache(maxsize=256)
def preferred_media_type(accept: str) -> str:
    """Returns the media type of GraphQL responses with the highest quality. Of equal ones, the first.

    Returns JSON if the header accepts neither. The specification permits that, and it helps clients more than 406.
    """
    items = [[part.strip() for part in item.split(";")] for item in accept.lower().split(",")]
    lists_json = any(media_type == JSON for media_type, *_ in items)
    best, best_quality = JSON, 0.0
    for media_type, *parameters in items:
        candidate = JSON if media_type in _WILDCARDS and not lists_json else media_type
        candidate_quality = quality(parameters)
        if candidate in _CONTENT_TYPES and candidate_quality > best_quality:
            best, best_quality = candidate, candidate_quality
    return best
