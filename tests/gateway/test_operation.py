import io
import json
import logging
from collections.abc import AsyncGenerator

import pytest
import strawberry
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from core.telemetry import configure_logging
from gateway.app import create_app
from schema.context import Info
from tests.support.client import HOME, Client
from tests.support.engines import Engine
from tests.support.timing import PASSING, no_hang


@strawberry.type
class Query:
    @strawberry.field
    def secret(self) -> str:
        raise RuntimeError("password=hunter2")

    @strawberry.field
    def first(self, first: int) -> int:
        return first

    @strawberry.field
    async def waits(self, info: Info) -> str:
        await info.context.database.fetch("SELECT 1 AS one")
        return "done"


@pytest.fixture
async def other(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """The gateway in front of a schema that is not ours."""
    app = create_app(settings, schema=strawberry.Schema(Query))
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            yield http


async def test_any_schema_can_be_served(other: AsyncClient) -> None:
    assert (await other.post("/graphql", json={"query": "{ waits }"})).json() == {"data": {"waits": "done"}}
    answer = (await other.post("/graphql", json={"query": "{ first(first: 1000) }"})).json()
    assert answer == {"data": {"first": 1000}}, "bounds are the schema's, not the gateway's"
    assert "secret: String!" in (await other.get("/schema.graphql")).text


async def test_what_nobody_foresaw_is_masked_and_logged_with_the_id_of_the_request(
    other: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await other.post("/graphql", json={"query": "{ secret }"}, headers={"X-Request-Id": "test-request-1"})
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert "hunter2" not in response.text
    assert error["message"] == "Unexpected server error. Try again. If it persists, report the requestId."
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": "test-request-1",
        "retryable": True,
        "documentation": "/errors/INTERNAL_SERVER_ERROR",
    }
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "a field failed: secret"
    ]


async def test_a_request_keeps_an_id_that_it_brings_and_gets_one_otherwise(client: Client) -> None:
    brought = await client.post("{ __typename }", **{"X-Request-Id": "abcdefgh-1234"})
    assert brought.headers["x-request-id"] == "abcdefgh-1234"
    for unusable in ("short", "has spaces in it", "x" * 65, "new\tline-and-more"):
        given = (await client.post("{ __typename }", **{"X-Request-Id": unusable})).headers["x-request-id"]
        assert given != unusable
        assert len(given) == 16


async def test_a_request_is_one_line_of_json_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gateway.requests"):
        await client.post(HOME, **{"X-Request-Id": "test-request-2"})
    (record,) = caplog.records
    stream = io.StringIO()
    handlers = logging.getLogger().handlers[:]
    level = logging.getLogger().level
    try:
        configure_logging("INFO", stream)
        logging.getLogger().handle(record)
    finally:
        logging.basicConfig(level=level, handlers=handlers, force=True)
    (line,) = stream.getvalue().splitlines()
    written = json.loads(line)
    assert written["logger"] == "gateway.requests"
    assert written["level"] == "INFO"
    assert {name: written[name] for name in ("method", "path", "status", "operation")} == {
        "method": "POST", "path": "/graphql", "status": 200, "operation": "Home",
    }  # fmt: skip


async def test_the_log_shows_the_beginning_of_a_long_name(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gateway.requests"):
        await client.post(f"query {'A' * 250} {{ __typename }}")
    (record,) = caplog.records
    assert record.__dict__["operation"] == "A" * 200


@pytest.mark.parametrize("deadline", [PASSING])
async def test_a_database_that_does_not_answer_costs_a_deadline_and_may_be_tried_again(
    client: Client, engine: Engine
) -> None:
    token = await client.token("ana")
    async with engine.stalled(client.resources), no_hang():
        answer = (await client.post("{ viewer { feed { edges { cursor } } } }", token=token)).json()
    assert answer["data"] == {"viewer": {"feed": None}}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("UNAVAILABLE", True)
    assert error["extensions"]["feature"] == "feed"
    assert error["message"] == "The feature 'feed' is unavailable: the database does not answer. Try again."
    assert (await client.post("{ viewer { feed { edges { cursor } } } }", token=token)).json()["data"]["viewer"]["feed"]
