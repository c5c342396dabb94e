"""Tests that invalid requests get the same response and status for every kind of stream."""

import logging

import pytest

from tests.gateway.corpus import BODIES, QUERIES, MalformedBody, MalformedQuery
from tests.gateway.promptness import promptly
from tests.support.server import Server

STREAMS = ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0", "multipart/mixed;deferSpec=20220824"]


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("accept", STREAMS)
@pytest.mark.parametrize("entry", [*BODIES, *QUERIES], ids=lambda entry: entry.name)
async def test_what_is_no_request_is_json_with_its_status(
    lively: Server, caplog: pytest.LogCaptureFixture, entry: MalformedBody | MalformedQuery, accept: str
) -> None:
    made = entry.request(lively.http, accept)
    response = await promptly(lambda: lively.http.send(made))
    assert response.status_code == entry.status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {entry.code}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
