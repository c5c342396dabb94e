"""What is no request is refused before anything runs, quickly, with a code, and tells nothing of the inside."""

import gc
import logging
import re
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from core.settings import Settings
from gateway.app import create_app
from tests.gateway.corpus import BODIES, QUERIES, MalformedBody, MalformedQuery
from tests.support.engines import Engine

NEW = "application/graphql-response+json"
MOST_SECONDS = 0.05
INTERNALS = re.compile(r"Traceback|File \"|\.py\b|orjson|msgspec|starlette|object at 0x|site-packages|hunter2")


@pytest.fixture(scope="module")
async def door(engine: Engine) -> AsyncGenerator[AsyncClient]:
    """The product, the same for all tests here: none of them changes anything.

    What other tests have left in memory is put aside, since collecting garbage would count as time of a refusal.
    """
    gc.collect()
    gc.freeze()
    async with engine.copy() as url:
        app = create_app(Settings(database_url=url))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
        ):
            yield http
    gc.unfreeze()


async def refused(door: AsyncClient, entry: MalformedBody | MalformedQuery, accept: str) -> Response:
    """The answer, which came in time."""
    if isinstance(entry, MalformedBody):
        made = door.build_request("POST", "/graphql", content=entry.body, headers={"Accept": accept, **entry.headers})
    else:
        address = b"/graphql?" + entry.query_string
        made = door.build_request("GET", "/graphql", headers={"Accept": accept})
        made.url = made.url.copy_with(raw_path=address)
    started = time.process_time()
    response = await door.send(made)
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
    door: AsyncClient,
    statements: list[str],
    caplog: pytest.LogCaptureFixture,
    entry: MalformedBody | MalformedQuery,
) -> None:
    new, old = [await refused(door, entry, accept) for accept in (NEW, "application/json")]
    assert (new.status_code, told(new)["extensions"]["code"]) == (entry.status, entry.code)
    assert (old.status_code, told(old)["extensions"]["code"]) == (200 if entry.soft else entry.status, entry.code)
    assert told(new)["message"] == told(old)["message"]
    assert statements == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
