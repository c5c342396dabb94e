"""From an HTTP request to the parts of a GraphQL request."""

from typing import Any

import msgspec
import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.errors import bad_request

LONGEST_BODY = 1024 * 1024


class GraphQLRequest(msgspec.Struct, frozen=True, rename="camel"):
    """What a client sends; fields that are not listed here are ignored."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read_request(request: Request) -> GraphQLRequest:
    """`NotExecuted` says what is wrong."""
    if request.method not in ("GET", "POST"):
        raise bad_request("Ask with POST or GET.", 405, {"Allow": "GET, POST"})
    if request.method == "GET":
        return _checked(
            {
                name: _json(value, name) if name in ("variables", "extensions") else value
                for name, value in request.query_params.items()
            }
        )
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise bad_request("Send the request as JSON, with Content-Type: application/json.", 415)
    return _checked(_json(await _body(request), "body"))


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LONGEST_BODY:
                raise bad_request(f"The body is longer than {LONGEST_BODY} bytes.", 413)
            chunks.append(chunk)
    except ClientDisconnect:
        raise bad_request("The body ended before it was complete.") from None
    return b"".join(chunks)


def _json(text: str | bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad_request(f"{name}: this is not JSON.") from None


def _checked(parts: Any) -> GraphQLRequest:
    if isinstance(parts, list):
        raise bad_request("Send one operation a request: batches are not taken.")
    try:
        return msgspec.convert(parts, GraphQLRequest)
    except msgspec.ValidationError as error:
        raise bad_request(
            f"{error}. Send an object with query and, if needed, variables, operationName and extensions."
        ) from None
