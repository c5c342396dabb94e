"""Adds ETags to responses to GET, and headers for the caches that may store them.

Shared caches, such as those of CDNs, may answer with some responses themselves. Caches may store the others too, but
have to revalidate them.
"""

from hashlib import blake2b
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Scope

from gateway.http.headers import header

DIGEST_BYTES = 15
MAX_TAG_BYTES = 8 * 1024
"""Maximum length of the headers with the tags. Responses with more tags are not for shared caches."""

IS_SHARED = "is_shared"
"""The key of a scope that says that shared caches may store the response."""

_VARY = "Accept, Accept-Encoding, Authorization"
_PRIVATE_TAG = b"Viewer:"
_JSON = "application/json"


class SharedCaching(NamedTuple):
    """For how many seconds shared caches may answer with a response, and its tags, separated by spaces."""

    seconds: int
    stale_seconds: int
    tags: str

    @classmethod
    def of_tags(cls, seconds: int, stale_seconds: int, tags: bytes) -> "SharedCaching | None":
        """Returns None if the tags are too many, or if one is private: those are never purged."""
        if len(tags) > MAX_TAG_BYTES or _PRIVATE_TAG in tags:
            return None
        return cls(seconds, stale_seconds, tags.decode())

    def headers(self) -> dict[str, str]:
        """Returns the headers of a response. `Age` counts from the check that the response is current, which was now.

        Clients revalidate each time, because no purge reaches them.
        """
        lifetime = f"s-maxage={self.seconds}, stale-while-revalidate={self.stale_seconds}"
        headers = {"Cache-Control": f"public, max-age=0, {lifetime}", "Age": "0"}
        if self.tags:
            headers |= {"Cache-Tag": self.tags.replace(" ", ","), "Surrogate-Key": self.tags}
        return headers


def digest_of(body: bytes, more: bytes = b"") -> bytes:
    """Returns what identifies a response in its ETag: a hash of its uncompressed body, and of what else it carries."""
    return blake2b(body, digest_size=DIGEST_BYTES, key=blake2b(more).digest() if more else b"").digest()


def permits_sharing(scope: Scope) -> bool:
    """Returns whether a request has no credentials, so that others may receive the same response."""
    return header(scope, b"authorization") is None and header(scope, b"cookie") is None


def with_etag(
    scope: Scope, response: Response, digest: bytes | None = None, shared: SharedCaching | None = None
) -> Response:
    """Returns the response with its ETag, or 304 without a body if the client already has it.

    Without `digest`, it is that of the body. `shared` permits shared caches to answer with the response.
    """
    suffix = "" if response.headers["content-type"].startswith(_JSON) else "g"
    tag = f'W/"{(digest or digest_of(bytes(response.body))).hex()}{suffix}"'
    if shared is not None:
        scope[IS_SHARED] = True
        caching = shared.headers()
    else:
        caching = {"Cache-Control": "no-cache" if permits_sharing(scope) else "private, no-cache"}
    headers = {**caching, "ETag": tag, "Vary": _VARY}
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
