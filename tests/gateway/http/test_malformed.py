"""What is no request is refused before anything runs, quickly, with a code, and tells nothing of the inside."""

import gc
import logging
import re
import time
from collections.abc import Generator
from typing import Any

import pytest
from httpx2 import Response

from tests.gateway.corpus import BODIES, QUERIES, MalformedBody, MalformedQuery
from tests.support.client import Client

NEW = "application/graphql-response+json"
MOST_SECONDS = 0.05
INTERNALS = re.compile(r"Traceback|File \"|\.py\b|orjson|msgspec|starlette|object at 0x|site-packages|hunter2")


@pytest.fixture(scope="module", autouse=True)
def _rested() -> Generator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """Memory of other tests is put aside: looking through it for garbage would count as time of a refusal."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


async def refused(client: Client, entry: MalformedBody | MalformedQuery, accept: str) -> Response:
    """The answer, which came in time."""
    if isinstance(entry, MalformedBody):
        made = client.http.build_request(
            "POST", "/graphql", content=entry.body, headers={"Accept": accept, **entry.headers}
        )
    else:
        address = b"/graphql?" + entry.query_string
        made = client.http.build_request("GET", "/graphql", headers={"Accept": accept})
        made.url = made.url.copy_with(raw_path=address)
    started = time.process_time()
    response = await client.http.send(made)
    assert time.process_time() - started < MOST_SECONDS
    return response


def told(response: Response) -> dict[str, Any]:
    """What the errors say; the first one's code is that of all of them."""
    answer = response.json()
    assert list(answer) == ["errors"]
    for error in answer["errors"]:
        assert set(error) <= {"message", "locations", "extensions"}
        assert error["message"]
        assert set(error["extensions"]) == {"code", "requestId", "retryable"}
    assert INTERNALS.search(response.text) is None
    return answer["errors"][0]


@pytest.mark.parametrize("entry", [*BODIES, *QUERIES], ids=lambda entry: entry.name)
async def test_it_is_refused_with_its_status_and_code(
    client: Client,
    statements: list[str],
    caplog: pytest.LogCaptureFixture,
    entry: MalformedBody | MalformedQuery,
) -> None:
    new, old = [await refused(client, entry, accept) for accept in (NEW, "application/json")]
    assert (new.status_code, told(new)["extensions"]["code"]) == (entry.status, entry.code)
    assert (old.status_code, told(old)["extensions"]["code"]) == (200 if entry.soft else entry.status, entry.code)
    assert told(new)["message"] == told(old)["message"]
    assert statements == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
