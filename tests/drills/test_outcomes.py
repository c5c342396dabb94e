"""Drills tell errors that a client may repeat from others, and find the time until responses are steady."""

import json
from typing import Any

import pytest
from httpx2 import Response

from tests.drills.support.record import OK, Exchange, outcome_of, seen


def response(body: Any, status: int = 200) -> Response:
    return Response(status, content=json.dumps(body) if body is not None else b"<html>")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (response({"data": {"viewer": {}}}), (OK, True)),
        (response({"errors": [{"extensions": {"code": "UNAVAILABLE", "retryable": True}}]}), ("UNAVAILABLE", True)),
        (response({"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}), ("INTERNAL_SERVER_ERROR", False)),
        (response({"errors": [{"message": "no code"}]}), ("none", False)),
        (response({"data": {"transfer": {"code": "UNAVAILABLE"}}}), ("UNAVAILABLE as a problem", True)),
        (response({"data": {"transfer": {"code": "INSUFFICIENT_FUNDS"}}}), (OK, True)),
        (response(None, 502), ("status 502 without JSON", False)),
    ],
)
def test_the_first_error_of_a_response_says_whether_to_repeat_it(answer: Response, outcome: tuple[str, bool]) -> None:
    assert outcome_of(answer) == outcome


def test_times_are_those_of_requests_that_began_after_the_failure() -> None:
    exchanges = [
        Exchange(9.0, 11.0, True, OK, True),  # begun before the failure
        Exchange(10.5, 12.0, False, OK, True),
        Exchange(10.5, 13.0, True, "UNAVAILABLE", True),
        Exchange(13.5, 14.0, True, OK, True),
        Exchange(14.0, 14.5, True, "INTERNAL_SERVER_ERROR", False),
    ]
    found = seen(exchanges, 10.0)
    assert (found.requests, found.first_read, found.first_write, found.steady) == (5, 2.0, 4.0, 4.5)
    assert dict(found.errors) == {"UNAVAILABLE": 1, "INTERNAL_SERVER_ERROR": 1}
    assert dict(found.final_errors) == {"INTERNAL_SERVER_ERROR": 1}
