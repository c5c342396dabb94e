"""Answers of the response cache, and their HTTP responses."""

from enum import StrEnum
from typing import NamedTuple

from starlette.responses import Response

from gateway.http.responses import JsonResponse
from gateway.response_cache.extensions import with_extension


class Outcome(StrEnum):
    """How a response came about."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"
    SHARED = "shared"
    BYPASS = "bypass"


class Answer(NamedTuple):
    """A response: its bytes in a content coding, and how it came about. `age` is that of a stored response in seconds.

    `has_errors` and `is_extended` say that it contains errors, or extensions.
    """

    body: bytes
    coding: str
    outcome: Outcome
    reason: str = ""
    age: int = 0
    has_errors: bool = False
    is_extended: bool = False


def answer_response(answer: Answer, media_type: str) -> Response:
    """Returns the response with the bytes of an answer, which may be compressed already."""
    response = JsonResponse(answer.body, 200, media_type)
    if answer.coding:
        response.raw_headers += [(b"content-encoding", answer.coding.encode()), (b"vary", b"Accept-Encoding")]
    return response


def explained(answer: Answer) -> Answer:
    """Returns an answer with `extensions.cache`: how it came about, why, and the age of a stored response."""
    if answer.has_errors or answer.coding or answer.is_extended:
        return answer
    facts: dict[str, object] = {"result": answer.outcome}
    if answer.reason:
        facts["reason"] = answer.reason
    if answer.outcome in (Outcome.HIT, Outcome.STALE):
        facts["age"] = answer.age
    return answer._replace(body=with_extension(answer.body, "cache", facts))
