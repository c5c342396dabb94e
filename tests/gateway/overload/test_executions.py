"""Tests what holds a place: executions, and neither stored responses nor what has ended."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from gateway.execution.operations import Operations
from gateway.overload import Admission, Place, Priority, Shape
from tests.gateway.overload.conftest import LimitedServer
from tests.gateway.streaming.test_deferred import NEW
from tests.gateway.streaming.test_leaving import connected, written
from tests.support.client import HOME, Client
from tests.support.live import Watched, live_schema
from tests.support.server import Server, serving_app
from tests.support.sockets import opened
from tests.support.timing import no_hang, until


@pytest.fixture
async def shedding(settings: Settings) -> AsyncGenerator[tuple[Client, Admission]]:
    """The product with a response cache, whose limit a test sets to 0."""
    app = create_app(replace(settings, overload="on", overload_queue=0, cache_url="memory://", cache_explain="off"))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources), app.state.operations.admission


@pytest.fixture
async def streaming(lively_settings: Settings) -> AsyncGenerator[tuple[Server, Admission]]:
    app = create_app(replace(lively_settings, overload="on"), schema=live_schema())
    async with serving_app(lively_settings, app) as server:
        yield server, app.state.operations.admission


async def test_stored_responses_are_sent_while_executions_are_shed(shedding: tuple[Client, Admission]) -> None:
    client, admission = shedding
    token = await client.token("ana")
    before = await client.post(HOME, token=token)
    admission.limit.value = 0
    after = await client.post(HOME, token=token)
    assert (after.status_code, after.json()) == (200, before.json())
    other = await client.post(HOME, token=await client.token("ben"))
    assert (other.status_code, other.json()["errors"][0]["extensions"]["code"]) == (503, "OVERLOADED")


async def test_a_mutation_that_is_shed_changes_nothing(
    shedding: tuple[Client, Admission], statements: list[str]
) -> None:
    client, admission = shedding
    token = await client.token("ana")
    admission.limit.value = 0
    statements.clear()
    text = 'mutation { publishPost(input: { body: "Never" }) { __typename } }'
    response = await client.post(text, token=token, Purpose="prefetch")
    assert (response.status_code, statements) == (503, [])
    assert admission.shed[Priority.WRITE] == 1, "a mutation is no prefetch"


async def test_equal_requests_at_the_same_time_hold_one_place(
    shedding: tuple[Client, Admission], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, admission = shedding
    token, entered = await client.token("ana"), list[Shape]()
    take_free = admission.take_free

    def count(shape: Shape) -> Place | None:
        entered.append(shape)
        return take_free(shape)

    monkeypatch.setattr(admission, "take_free", count)
    responses = await asyncio.gather(*(client.post(HOME, token=token) for _ in range(5)))
    assert ({response.status_code for response in responses}, [name for _, name in entered]) == ({200}, ["Home"])
    assert admission.running == 0


@pytest.mark.parametrize(
    "query", ["{ hello }", "{ secret }", "{ viewerId }", "mutation { slowly }", "{ wide }", "{ later(seconds: 0.0) }"]
)
async def test_a_place_is_left_whatever_the_result(streaming: tuple[Server, Admission], query: str) -> None:
    server, admission = streaming
    await server.http.post("/graphql", json={"query": query})
    assert (admission.running, admission.waiting, admission.stalled) == (0, 0, 0)


async def test_deferred_parts_hold_the_place_until_the_client_has_left(
    streaming: tuple[Server, Admission], seen: Watched
) -> None:
    server, admission = streaming
    async with connected(server) as (reader, writer):
        writer.write(b"".join(written("{ hello ... @defer { never } }", "multipart/mixed;deferSpec=20220824")))
        await reader.readuntil(b'"hasNext":true')
        await seen.until(lambda: seen.open == 1)
        assert admission.running == 1
    await until(lambda: admission.running == 0)


async def test_a_client_that_does_not_read_deferred_parts_does_not_keep_the_place(lively_settings: Settings) -> None:
    """Its buffer is full after the first part, so that the server can send no more."""
    app = create_app(replace(lively_settings, overload="on"), schema=live_schema())
    admission: Admission = app.state.operations.admission
    head, body = written("{ hello ... @defer { later(seconds: 0.1) person { nickname } } }", NEW)
    received, read, sent = [{"type": "http.request", "body": body}], asyncio.Event(), list[bytes]()

    async def receive() -> Any:
        if not received:
            await asyncio.Event().wait()
        return received.pop()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if b'"hasNext":true' in sent[-1]:
            assert admission.running == 1
            await read.wait()

    async with app.router.lifespan_context(app), no_hang():
        responding = asyncio.create_task(app(scope_of(head), receive, send))
        await until(lambda: sent and admission.running == 1)
        await until(lambda: admission.running == 0)
        assert not responding.done()
        read.set()
        await responding
    assert b'"hasNext":false' in b"".join(sent)
    assert b'"later":"done"' in b"".join(sent)


def scope_of(head: bytes) -> dict[str, Any]:
    """Returns the ASGI scope of a request to `/graphql`."""
    lines = [line.partition(b": ") for line in head.splitlines()[1:] if line]
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, _, value in lines],
    }


async def test_a_subscription_holds_a_place_only_while_it_starts(
    streaming: tuple[Server, Admission], seen: Watched
) -> None:
    server, admission = streaming
    async with opened(server) as client:
        await client.subscribe("subscription { forever { number } }")
        assert (await client.hear())["type"] == "next"
        assert (seen.open, admission.running) == (1, 0)


async def test_a_server_that_stops_answers_running_and_waiting_requests(limited: LimitedServer) -> None:
    """Its connections are closed after the responses, and no request is cut."""
    running = asyncio.create_task(limited.post("{ read }"))
    await until(lambda: limited.held.begun)
    waiting = [asyncio.create_task(limited.post("mutation { write }")) for _ in range(20)]
    await until(lambda: limited.admission.waiting == 20)
    stopping = asyncio.create_task(limited.server.stop())
    await until(lambda: limited.server.uvicorn.should_exit and not limited.server.uvicorn.servers[0].is_serving())
    limited.held.open.set()
    async with no_hang():
        responses = [await task for task in (running, *waiting)]
        await stopping
    assert [json.loads(response.content) for response in responses] == [
        {"data": {"read": "read"}},
        *[{"data": {"write": "write"}}] * 20,
    ]


async def test_off_is_the_default_in_development_and_executes_without_the_limit(settings: Settings) -> None:
    app = create_app(settings)
    assert app.state.operations.admission is None
    production = replace(settings, env="production", secret_keys="other:" + "0" * 64)
    assert isinstance(create_app(production).state.operations.admission, Admission)
    assert create_app(replace(production, overload="off")).state.operations.admission is None
    assert Operations.admission is None
