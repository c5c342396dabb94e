"""What is no request is answered the same, and with the same status, whatever stream is asked for."""

import logging

import pytest

from tests.gateway.corpus import BODIES, MalformedBody
from tests.support.server import Server

STREAMS = ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0", "multipart/mixed;deferSpec=20220824"]


@pytest.mark.parametrize("accept", STREAMS)
@pytest.mark.parametrize("malformed", BODIES, ids=lambda malformed: malformed.name)
async def test_what_is_no_request_is_json_with_its_status(
    lively: Server, caplog: pytest.LogCaptureFixture, malformed: MalformedBody, accept: str
) -> None:
    headers = {"Accept": accept, **malformed.headers}
    response = await lively.http.post("/graphql", content=malformed.body, headers=headers)
    assert response.status_code == malformed.status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {malformed.code}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
