"""The line of a failed request in the log says which app asked for what, and why it failed."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import HOME, Client
from tests.support.engines import Engine
from tests.support.server import Server
from tests.support.sockets import opened
from tests.support.timing import PASSING

APP = {"apollographql-client-name": "ios", "apollographql-client-version": "4.2.0"}
IOS = {"app": "ios", "version": "4.2.0"}


def line(caplog: pytest.LogCaptureFixture, logger: str = "gateway.requests") -> tuple[int, dict[str, Any]]:
    """Returns the level and the fields of the only log line."""
    (record,) = [record for record in caplog.records if record.name == logger]
    names = ("app", "version", "operation", "errors", "causes", "status")
    return record.levelno, {name: vars(record)[name] for name in names if vars(record).get(name) is not None}


@pytest.mark.parametrize(
    ("body", "operation", "code"),
    [
        ({"query": "{", "operationName": "Home"}, "Home", "GRAPHQL_PARSE_FAILED"),
        ({"query": "query Home { nothing }", "operationName": "Home"}, "Home", "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query Home { nothing }"}, None, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{", "operationName": "ana@example.com"}, None, "GRAPHQL_PARSE_FAILED"),
        ({"query": "query One($id: ID!) { node(id: $id) { id } }"}, "One", "BAD_USER_INPUT"),
        ({"query": 'query One { node(id: "nothing") { id } }'}, "One", "BAD_USER_INPUT"),
        ({"variables": {}}, None, "BAD_REQUEST"),
    ],
)
async def test_a_request_that_the_client_has_to_change(
    client: Client, caplog: pytest.LogCaptureFixture, body: dict[str, object], operation: str | None, code: str
) -> None:
    with caplog.at_level(logging.INFO, "gateway.requests"):
        response = await client.http.post("/graphql", json=body, headers=APP)
    level, facts = line(caplog)
    assert level == logging.INFO
    named = {"operation": operation} if operation else {}
    assert facts == {**IOS, **named, "errors": [code], "status": response.status_code}


@pytest.mark.parametrize("deadline", [PASSING])
async def test_a_request_that_the_database_did_not_answer_names_the_cause(
    client: Client, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    token = await client.token("ana")
    async with engine.stalled(client.resources):
        with caplog.at_level(logging.INFO, "gateway.requests"):
            await client.post("query Feed { viewer { feed { edges { cursor } } } }", token=token, **APP)
    level, facts = line(caplog)
    (cause,) = facts.pop("causes")
    assert cause.partition(":")[0] in ("TimeoutError", "OperationalError", "DatabaseLocked")
    assert (level, facts) == (
        logging.WARNING,
        {**IOS, "operation": "Feed", "errors": ["UNAVAILABLE"], "status": 200},
    )


async def test_a_request_that_succeeds_has_no_errors(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gateway.requests"):
        await client.post(HOME, **APP)
    assert line(caplog) == (logging.INFO, {**IOS, "operation": "Home", "status": 200})


async def test_a_batch_has_each_code_of_its_operations_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(replace(settings, max_batch=4))
    body = [{"query": "{"}, {"query": "{"}, {"query": "{ nothing }"}, {"query": "{ __typename }"}]
    transport = ASGITransport(app)
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://bff") as http:
        with caplog.at_level(logging.INFO, "gateway.requests"):
            await http.post("/graphql", json=body, headers=APP)
    errors = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]
    assert line(caplog) == (logging.INFO, {**IOS, "operation": "a batch of 4", "errors": errors, "status": 200})


async def test_an_operation_that_fails_over_a_socket_is_a_line_of_its_own(
    lively: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gateway.sockets"):
        async with opened(lively) as client:
            await client.answers("query Fine { hello }")
            await client.answers("query Broken { secret }")
            (record,) = [each for each in caplog.records if each.name == "gateway.sockets"]
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "WebSocket operation failed")
    assert (vars(record)["operation"], vars(record)["errors"]) == ("Broken", ["INTERNAL_SERVER_ERROR"])
