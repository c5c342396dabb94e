"""Answers of the response cache, and their HTTP responses."""

from enum import StrEnum
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Scope

from gateway.http.caching import SharedCaching, with_etag
from gateway.http.compression import IS_CODED, decompress
from gateway.http.responses import JsonResponse
from gateway.response_cache.entries import Entry
from gateway.response_cache.extensions import with_extension
from gateway.response_cache.stored_operations import StoredOperation


class CacheResult(StrEnum):
    """The source of a response."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"
    SHARED = "shared"
    BYPASS = "bypass"


class Answer(NamedTuple):
    """A response: its bytes in a content coding, and how it came about. `age` is that of a stored response in seconds.

    `has_errors` and `is_extended` say that it contains errors, or extensions that are not stored. `entry` is the stored
    response, if there is one. `shared_policy` is that of its operation, if shared caches may store the response.
    """

    body: bytes
    coding: str
    result: CacheResult
    reason: str = ""
    age: int = 0
    has_errors: bool = False
    is_extended: bool = False
    entry: Entry | None = None
    shared_policy: StoredOperation | None = None

    @property
    def is_coded(self) -> bool:
        """Returns whether these are the bytes of an entry, in the content coding that was chosen for the request."""
        return self.entry is not None and not self.is_extended


def hit_response(entry: Entry, media_type: str, scope: Scope) -> Response:
    """Returns the response to POST with the bytes of an entry."""
    scope[IS_CODED] = True
    return answer_response(Answer(entry.body, entry.coding, CacheResult.HIT, entry=entry), media_type)


def answer_response(answer: Answer, media_type: str) -> Response:
    """Returns the response with the bytes of an answer, which may be compressed already."""
    response = JsonResponse(answer.body, 200, media_type)
    if answer.coding:
        response.raw_headers.append((b"content-encoding", answer.coding.encode()))
    return response


def get_response(answer: Answer, media_type: str, scope: Scope) -> Response:
    """Returns the response to GET: with an ETag, or 304 without a body, unless the answer has errors."""
    response = answer_response(answer, media_type)
    if answer.has_errors:
        return response
    digest = answer.entry.digest if answer.entry else None
    return with_etag(scope, response, digest, _shared_caching(answer))


def explained(answer: Answer) -> Answer:
    """Returns an answer with `extensions.cache`: how it came about, why, and the age of a stored response."""
    if answer.has_errors or answer.coding or answer.is_extended:
        return answer
    facts: dict[str, object] = {"result": answer.result}
    if answer.reason:
        facts["reason"] = answer.reason
    if answer.result in (CacheResult.HIT, CacheResult.STALE):
        facts["age"] = answer.age
    return answer._replace(body=with_extension(answer.body, "cache", facts), is_extended=True)


def expired_answer(entry: Entry, age: int) -> Answer:
    """Returns an expired response with `extensions.stale`, its age in seconds."""
    body = with_extension(decompress(entry.body, entry.coding), "stale", {"age": age})
    return Answer(body, "", CacheResult.STALE, "the database is unavailable", age, is_extended=True)


def _shared_caching(answer: Answer) -> SharedCaching | None:
    """Returns for how long shared caches may store an answer. None if they may not.

    Counts of what other users did have no purges, so they limit the time to that for which they may be old.
    """
    entry, policy = answer.entry, answer.shared_policy
    if entry is None or policy is None:
        return None
    seconds = max(0, entry.max_age - answer.age)
    if entry.counts:
        return SharedCaching.of_tags(min(seconds, policy.max_stale or 0), 0, entry.tags)
    stale_seconds = entry.max_age + entry.stale_while_revalidate - answer.age - seconds
    return SharedCaching.of_tags(seconds, max(0, stale_seconds), entry.tags)
