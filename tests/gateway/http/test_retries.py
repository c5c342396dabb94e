"""Tests that responses which permit a retry have Retry-After."""

import pytest

from core.errors import AppError, BadRequest, Overloaded, Unavailable
from gateway.errors.request_error import reject
from gateway.http.responses import GRAPHQL_RESPONSE, JSON, error_response


@pytest.mark.parametrize("media_type", [JSON, GRAPHQL_RESPONSE])
@pytest.mark.parametrize(
    ("error", "status", "seconds"),
    [(Unavailable("gone"), 503, "1"), (Overloaded("full"), 503, "1"), (BadRequest("no"), None, None)],
)
def test_a_request_that_ends_by_what_may_pass_is_503_in_every_type(
    media_type: str, error: AppError, status: int | None, seconds: str | None
) -> None:
    response = error_response(reject(error), media_type)
    assert response.status_code == (status or (200 if media_type == JSON else 400))
    assert response.headers.get("retry-after") == seconds
