"""Adds ETags to responses to GET. Caches may store the responses, and have to revalidate them."""

from hashlib import blake2b

from starlette.responses import Response
from starlette.types import Scope

from gateway.http.headers import header

_VARY = "Accept, Accept-Encoding, Authorization"


def with_etag(scope: Scope, response: Response) -> Response:
    """Returns the response with its ETag, or 304 without a body if the client already has it."""
    digest = blake2b(response.body, digest_size=15, key=response.headers["content-type"].encode())
    tag = f'W/"{digest.hexdigest()}"'
    is_private = header(scope, b"authorization") is not None
    headers = {"Cache-Control": "private, no-cache" if is_private else "no-cache", "ETag": tag, "Vary": _VARY}
    if _matches(header(scope, b"if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _matches(if_none_match: str | None, tag: str) -> bool:
    """Compares an If-None-Match header with the ETag, weakly, as RFC 9110 requires."""
    if if_none_match is None:
        return False
    tags = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
