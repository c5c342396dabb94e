"""Reads GraphQL requests from HTTP requests."""

from typing import Any, cast

import msgspec
from starlette.requests import Request

from gateway.errors.request_error import bad_request, malformed
from gateway.http.cross_site import check_get
from gateway.requests.bodies import BodyReader, is_json, read_operations
from gateway.requests.graphql_request import GraphQLRequest
from gateway.requests.query_strings import read_query_string

METHODS = "GET, HEAD, OPTIONS, POST"


class RequestReader:
    """Reads requests, and batches of up to `max_batch` operations."""

    def __init__(self, max_batch: int) -> None:
        self._max_batch = max_batch
        self._bodies = BodyReader()

    def read_url(self, request: Request) -> GraphQLRequest:
        """Returns the request of a GET. Raises `RequestError` if it is invalid."""
        check_get(request.scope)
        return _read_one(read_query_string(request.scope["query_string"]))

    async def read_body(self, request: Request) -> bytes:
        """Returns the body of a POST. Raises `RequestError` if it is too long, not JSON, or of another method."""
        if request.method != "POST":
            raise bad_request("Use POST or GET.", 405, {"Allow": METHODS})
        if not is_json(request):
            raise bad_request("Send the request as JSON, with Content-Type: application/json.", 415)
        return await self._bodies.read(request)

    def parse(self, body: bytes) -> GraphQLRequest | list[GraphQLRequest]:
        """Returns the request of a body, or the requests of a batch. Raises `RequestError` if it is invalid."""
        return self.convert(read_operations(body, "body"))

    def convert(self, parsed: Any) -> GraphQLRequest | list[GraphQLRequest]:
        """Converts the parsed JSON of a body: an object, or an array for a batch."""
        return self._read_batch(cast("list[Any]", parsed)) if isinstance(parsed, list) else _read_one(parsed)

    def _read_batch(self, items: list[Any]) -> list[GraphQLRequest]:
        if self._max_batch == 1:
            raise bad_request("Send one operation per request: batches are disabled.")
        if not 1 <= len(items) <= self._max_batch:
            raise bad_request(f"Send 1 to {self._max_batch} operations in a batch, not {len(items)}.")
        return [_read_one(item) for item in items]


def _read_one(parsed: Any) -> GraphQLRequest:
    try:
        return msgspec.convert(parsed, GraphQLRequest)
    except msgspec.ValidationError as error:
        raise malformed(
            f"{error}. Send an object with query or documentId and, if needed, variables, operationName and extensions."
        ) from None
