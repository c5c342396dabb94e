"""All parts of a response end within the deadline of their request, whatever they wait for."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from httpx2 import Response
from strawberry.schema.config import StrawberryConfig

from core.features import Feature
from core.settings import Settings
from engine.for_strawberry import StrawberryExecutor
from gateway.callers.time_limits import HEADER
from schema.context import Info
from tests.gateway.streaming.test_deferred import NEW, OLD, parts
from tests.support.engines import Engine
from tests.support.live import FOREVER_SECONDS
from tests.support.server import Server, serving
from tests.support.sockets import opened
from tests.support.timing import PASSING, no_hang

SHORT = {HEADER: "400"}
OPTIONAL = '{ hello ... @defer(label: "late") { entries } }'
REQUIRED = '{ hello ... @defer(label: "late") { allEntries } }'
FIRST = {"hello": "world"}


async def count_entries(info: Info) -> int:
    (row,) = await info.context.database_of(Feature.FEED).fetch("SELECT COUNT(*) AS entries FROM feed_entries")
    return row["entries"]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    async def entries(self, info: Info) -> int | None:
        return await count_entries(info)

    @strawberry.field
    async def all_entries(self, info: Info) -> int:
        return await count_entries(info)

    @strawberry.field
    async def hung(self) -> list[str]:
        """Waits, and not for a statement."""
        await asyncio.sleep(FOREVER_SECONDS)
        return []

    @strawberry.field
    async def hanging(self) -> strawberry.Streamable[str]:
        """Waits after the first item."""
        yield "first"
        await asyncio.sleep(FOREVER_SECONDS)


@pytest.fixture
async def server(settings: Settings) -> AsyncGenerator[Server]:
    config = StrawberryConfig(enable_experimental_incremental_execution=True)
    schema = strawberry.Schema(Query, config=config, execution_context_class=StrawberryExecutor)
    async with serving(replace(settings, request_seconds=PASSING), schema) as made:
        yield made


async def ask(server: Server, query: str, accept: str, **headers: str) -> Response:
    async with no_hang():
        return await server.http.post("/graphql", json={"query": query}, headers={"Accept": accept, **headers})


def errors_of(part: Any) -> list[Any]:
    """Returns all errors of a part, in either format."""
    results = (part, *part.get("incremental", ()), *part.get("completed", ()))
    return [error for result in results for error in result.get("errors", ())]


def check_late(response: Response, feature: str | None) -> Any:
    """Checks that what is missing is UNAVAILABLE and that the response ends properly. Returns the last part."""
    first, *later = parts(response)
    assert (first["data"], first["hasNext"]) == (FIRST, True)
    assert [part["hasNext"] for part in later] == [True] * (len(later) - 1) + [False]
    errors = [error for part in later for error in errors_of(part)]
    assert {error["extensions"]["code"] for error in errors} == {"UNAVAILABLE"}
    assert {error["extensions"].get("feature") for error in errors} == {feature}
    assert all("the time of the request is over" in error["message"] for error in errors)
    return later[-1]


@pytest.mark.parametrize("limit", [SHORT, {}], ids=["of the client", "of the server"])
async def test_a_statement_that_hangs_in_a_deferred_part_ends_with_the_request(
    server: Server, engine: Engine, limit: dict[str, str]
) -> None:
    async with engine.stalled(server.resources):
        asked = (OPTIONAL, NEW), (REQUIRED, NEW), (OPTIONAL, OLD)
        responses = [ask(server, query, accept, **limit) for query, accept in asked]
        optional, required, old = await asyncio.gather(*responses)
    assert check_late(optional, "feed")["incremental"][0]["data"] == {"entries": None}
    assert check_late(required, "feed")["completed"][0]["errors"][0]["path"] == ["allEntries"]
    assert check_late(old, "feed")["incremental"][0]["data"] == {"entries": None}
    bulkhead = server.resources.features[Feature.FEED].bulkhead
    assert (bulkhead.failures, bulkhead.in_use) == (0, 0)


async def test_a_part_that_waits_for_something_else_ends_soon_after_the_request(server: Server) -> None:
    query = '{ hello ... @defer(label: "late") { hung } }'
    new, old = await asyncio.gather(ask(server, query, NEW, **SHORT), ask(server, query, OLD, **SHORT))
    (completed,) = check_late(new, None)["completed"]
    assert (completed["id"], completed["errors"][0]["path"]) == ("0", [])
    (failed,) = check_late(old, None)["incremental"]
    assert (failed["data"], failed["path"], failed["label"]) == (None, [], "late")


async def test_what_was_complete_before_the_deadline_is_sent(server: Server) -> None:
    query = '{ hello ... @defer(label: "early") { again: hello } ... @defer(label: "late") { hung } }'
    first, *later = parts(await ask(server, query, NEW, **SHORT))
    assert [pending["label"] for pending in first["pending"]] == ["early", "late"]
    assert [result["data"] for part in later for result in part.get("incremental", ())] == [{"again": "world"}]
    assert [completed["id"] for part in later for completed in part["completed"]] == ["0", "1"]


@pytest.mark.parametrize("accept", [NEW, OLD])
async def test_a_streamed_list_that_hangs_ends_with_an_error(server: Server, accept: str) -> None:
    query = '{ hello hanging @stream(initialCount: 1, label: "items") }'
    first, last = parts(await ask(server, query, accept, **SHORT))
    assert (first["data"]["hanging"], last["hasNext"]) == (["first"], False)
    assert [error["extensions"]["code"] for error in errors_of(last)] == ["UNAVAILABLE"]


@pytest.mark.parametrize("limit", [SHORT, {}], ids=["of the client", "of the server"])
async def test_an_event_stream_ends_within_the_deadline(server: Server, engine: Engine, limit: dict[str, str]) -> None:
    """It has deferred parts in one piece."""
    async with engine.stalled(server.resources):
        text = (await ask(server, OPTIONAL, "text/event-stream", **limit)).text
    event = next(line for line in text.splitlines() if line.startswith("data: {"))
    check_whole(json.loads(event.removeprefix("data: ")))
    assert text.endswith("event: complete\ndata:\n\n")


async def test_a_websocket_gets_the_end_of_an_operation_within_the_deadline(server: Server, engine: Engine) -> None:
    """It has deferred parts in one piece, and no deadline of the client."""
    async with no_hang(), engine.stalled(server.resources), opened(server) as socket:
        answer, last = await socket.answers(OPTIONAL)
    check_whole(answer["payload"])
    assert last["type"] == "complete"


def check_whole(response: Any) -> None:
    assert response["data"] == {"hello": "world", "entries": None}
    assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAVAILABLE"]
