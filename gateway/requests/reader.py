"""From an HTTP request to the parts of GraphQL requests."""

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
    """Reads requests, and batches of `most` operations at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bodies = BodyReader()

    async def read(self, request: Request) -> GraphQLRequest | list[GraphQLRequest]:
        """`RequestError` says what is wrong."""
        if request.method in ("GET", "HEAD"):
            check_get(request.scope)
            return _read_one(read_query_string(request.scope["query_string"]))
        if request.method != "POST":
            raise bad_request("Ask with POST or GET.", 405, {"Allow": METHODS})
        if not is_json(request):
            raise bad_request("Send the request as JSON, with Content-Type: application/json.", 415)
        return self.convert(read_operations(await self._bodies.read(request), "body"))

    def convert(self, parts: Any) -> GraphQLRequest | list[GraphQLRequest]:
        """Of the JSON of a body: an object, or an array for a batch."""
        return self._read_batch(cast("list[Any]", parts)) if isinstance(parts, list) else _read_one(parts)

    def _read_batch(self, parts: list[Any]) -> list[GraphQLRequest]:
        if self._most == 1:
            raise bad_request("Send one operation a request: batches are not taken.")
        if not 1 <= len(parts) <= self._most:
            raise bad_request(f"Send 1 to {self._most} operations in a batch, not {len(parts)}.")
        return [_read_one(each) for each in parts]


def _read_one(parts: Any) -> GraphQLRequest:
    try:
        return msgspec.convert(parts, GraphQLRequest)
    except msgspec.ValidationError as error:
        raise malformed(
            f"{error}. Send an object with query or documentId and, if needed, variables, operationName and extensions."
        ) from None
