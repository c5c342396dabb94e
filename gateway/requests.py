"""From an HTTP request to the parts of GraphQL requests."""

from typing import Any, cast

import msgspec
from starlette.requests import Request

from gateway.bodies import is_json, read_body, read_json
from gateway.errors import bad_request, malformed
from gateway.http.cross_site import check_get
from gateway.query_strings import read_query_string

METHODS = "GET, HEAD, OPTIONS, POST"


class GraphQLRequest(msgspec.Struct, frozen=True, rename="camel"):
    """What a client sends; fields that are not listed here are ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    doc_id: str | None = msgspec.field(default=None, name="doc_id")
    id: Any = None


async def read_request(request: Request, most: int) -> GraphQLRequest | list[GraphQLRequest]:
    """One request, or a batch of `most` at most; `NotExecuted` says what is wrong."""
    if request.method in ("GET", "HEAD"):
        check_get(request.scope)
        return read_parameters(read_query_string(request.scope["query_string"]))
    if request.method != "POST":
        raise bad_request("Ask with POST or GET.", 405, {"Allow": METHODS})
    if not is_json(request):
        raise bad_request("Send the request as JSON, with Content-Type: application/json.", 415)
    return read_parts(read_json(await read_body(request), "body"), most)


def read_parts(parts: Any, most: int) -> GraphQLRequest | list[GraphQLRequest]:
    """Of the JSON of a body: an object, or an array for a batch."""
    return _read_batch(cast("list[Any]", parts), most) if isinstance(parts, list) else read_parameters(parts)


def read_parameters(parts: Any) -> GraphQLRequest:
    """Of what was read from JSON; `NotExecuted` says what is wrong."""
    try:
        return msgspec.convert(parts, GraphQLRequest)
    except msgspec.ValidationError as error:
        raise malformed(
            f"{error}. Send an object with query or documentId and, if needed, variables, operationName and extensions."
        ) from None


def _read_batch(parts: list[Any], most: int) -> list[GraphQLRequest]:
    if most == 1:
        raise bad_request("Send one operation a request: batches are not taken.")
    if not 1 <= len(parts) <= most:
        raise bad_request(f"Send 1 to {most} operations in a batch, not {len(parts)}.")
    return [read_parameters(each) for each in parts]
