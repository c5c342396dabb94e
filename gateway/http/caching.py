"""Answers to GET: kept by whoever likes, and used again only after asking us."""

from hashlib import blake2b

from starlette.responses import Response
from starlette.types import Scope

from gateway.http.headers import header

_VARY = "Accept, Accept-Encoding, Authorization"


def with_etag(scope: Scope, response: Response) -> Response:
    """The answer with its tag, or a 304 without a body for a client that has it already."""
    digest = blake2b(response.body, digest_size=15, key=response.headers["content-type"].encode())
    tag = f'W/"{digest.hexdigest()}"'
    mine = header(scope, b"authorization") is not None
    headers = {"Cache-Control": "private, no-cache" if mine else "no-cache", "ETag": tag, "Vary": _VARY}
    if _has(header(scope, b"if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _has(known: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names the tag; a weak comparison, as RFC 9110 has it."""
    if known is None:
        return False
    tags = {part.strip().removeprefix("W/") for part in known.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
