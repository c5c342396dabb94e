"""Tests that invalid requests are rejected quickly before execution, with a code and without internal details."""

import logging
import re
from functools import partial
from typing import Any

import pytest
from httpx2 import Response

from tests.gateway.corpus import BODIES, QUERIES, MalformedBody, MalformedQuery
from tests.gateway.promptness import promptly
from tests.support.client import Client

NEW = "application/graphql-response+json"
INTERNALS = re.compile(r"Traceback|File \"|\.py\b|orjson|msgspec|starlette|object at 0x|site-packages|hunter2")


def told(response: Response) -> dict[str, Any]:
    """Returns the messages of the errors, which have the same code."""
    answer = response.json()
    assert list(answer) == ["errors"]
    for error in answer["errors"]:
        assert set(error) <= {"message", "locations", "extensions"}
        assert error["message"]
        assert set(error["extensions"]) - {"argument"} == {"code", "requestId", "retryable", "documentation"}
    assert INTERNALS.search(response.text) is None
    return answer["errors"][0]


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("entry", [*BODIES, *QUERIES], ids=lambda entry: entry.name)
async def test_it_is_refused_with_its_status_and_code(
    client: Client,
    statements: list[str],
    caplog: pytest.LogCaptureFixture,
    entry: MalformedBody | MalformedQuery,
) -> None:
    requests = [entry.request(client.http, accept) for accept in (NEW, "application/json")]
    new, old = [await promptly(partial(client.http.send, request)) for request in requests]
    assert (new.status_code, told(new)["extensions"]["code"]) == (entry.status, entry.code)
    assert (old.status_code, told(old)["extensions"]["code"]) == (200 if entry.soft else entry.status, entry.code)
    assert told(new)["message"] == told(old)["message"]
    assert statements == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
