"""Metrics of operations, over all transports."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from core.settings import Settings
from gateway.background.trusted_documents import refresh_documents
from gateway.statistics import operations
from services.documents import NewDocument, import_documents
from tests.gateway.streaming.test_deferred import NEW
from tests.support.client import Client
from tests.support.live import Watched, live_schema
from tests.support.metrics import page, serving
from tests.support.server import serving as serving_on_socket
from tests.support.sockets import opened, socket_to
from tests.support.timing import no_hang

ANA = 'query Ana { user(handle: "ana") { name posts(first: 1) { edges { node { id } } } } }'
BEN = 'query Ben { user(handle: "ben") { name } }'
LIKE = 'mutation Like { likePost(input: {postId: "nothing"}) { __typename } }'
EVENTS = "subscription Events { viewerEvents { __typename } }"


@pytest.fixture
async def watched(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(replace(settings, max_batch=3)) as client:
        yield client


def of_operation(samples: dict[str, float], operation: str, *names: str) -> dict[str, float]:
    """Returns the samples of an operation, without the prefix of their names and without the operation."""
    label = f'operation="{operation}"'
    found = {
        name.removeprefix("bff_operation_").replace(label, "").replace(",}", "}").replace("{,", "{"): value
        for name, value in samples.items()
        if label in name and value
    }
    return {name: value for name, value in found.items() if name.startswith(names)}


async def test_requests_count_with_what_they_did(watched: Client) -> None:
    for _ in range(2):
        await watched.data(ANA)
    samples = await page(watched)
    names = ("requests", "errors", "executions", "statements", "loader_batches", "cost_total", "seconds_count")
    assert of_operation(samples, "Ana", *names) == {
        'requests_total{result="ok"}': 2,
        "executions_total{}": 2,
        "statements_total{}": 4,
        "loader_batches_total{}": 2,
        'cost_total{kind="requested"}': 8,
        'cost_total{kind="actual"}': 8,
        "seconds_count{}": 2,
    }


async def test_errors_count_by_code_and_side(watched: Client) -> None:
    await watched.ask(LIKE)
    await watched.ask("query Wrong { nothing }")
    samples = await page(watched)
    assert of_operation(samples, "Like", "requests", "errors") == {
        'requests_total{result="client_error"}': 1,
        'errors_total{code="UNAUTHENTICATED"}': 1,
    }
    assert of_operation(samples, "(unknown)", "requests", "errors") == {
        'requests_total{result="client_error"}': 1,
        'errors_total{code="GRAPHQL_VALIDATION_FAILED"}': 1,
    }


async def test_each_operation_of_a_batch_counts(watched: Client) -> None:
    batch = [{"query": ANA}, {"query": BEN}, {"query": "query Wrong { nothing }"}]
    assert (await watched.http.post("/graphql", json=batch)).status_code == 200
    samples = await page(watched)
    for name in ("Ana", "Ben"):
        assert of_operation(samples, name, "requests", "seconds_count") == {
            'requests_total{result="ok"}': 1,
            "seconds_count{}": 1,
        }
    assert of_operation(samples, "(unknown)", "requests") == {'requests_total{result="client_error"}': 1}
    assert samples['bff_http_requests_total{status="2xx"}'] == 1


async def test_sockets_and_streams_count(settings: Settings) -> None:
    async with serving_on_socket(replace(settings, metrics=True)) as server:
        client = Client(server.http, server.resources)
        token = await client.token("ana")
        async with socket_to(server) as socket:
            await socket.init(authorization=f"Bearer {token}")
            assert [heard["type"] for heard in await socket.answers(BEN)] == ["next", "complete"]
            await socket.answers("query Wrong { nothing }", id="2")
            await socket.subscribe(EVENTS, id="3")
            async with socket_to(server) as other:
                await other.init()
                assert (await other.answers(EVENTS))[-1]["type"] == "error"
            samples = await page(client)
            assert samples["bff_open_connections"] == 1
        await client.post(BEN, Accept="text/event-stream")
        samples = await page(client)
    assert of_operation(samples, "Ben", "requests") == {'requests_total{result="ok"}': 2}
    assert of_operation(samples, "(unknown)", "requests") == {'requests_total{result="client_error"}': 1}
    assert of_operation(samples, "Events", "requests", "subscriptions", "errors", "seconds_count") == {
        'requests_total{result="client_error"}': 1,
        'errors_total{code="UNAUTHENTICATED"}': 1,
        "seconds_count{}": 1,
        "subscriptions_total{}": 1,
    }


async def test_operations_that_the_client_cancels_count_as_cancelled(lively_settings: Settings, seen: Watched) -> None:
    async with serving_on_socket(replace(lively_settings, metrics=True), live_schema()) as server:
        client = Client(server.http, server.resources)
        async with opened(server) as socket:
            await socket.subscribe("query Hung { never }")
            await seen.until(lambda: seen.open == 1)
            await socket.say(type="complete", id="1")
            await seen.until(lambda: seen.closed == 1)
            for number in range(2, 5):
                await socket.subscribe(f"query Unread{{ n{number}: never }}", id=str(number))
                await socket.say(type="complete", id=str(number))
            await socket.answers("query Hello { hello }", id="5")
            await socket.subscribe("query Hung { never }", id="6")
            await seen.until(lambda: seen.open == 2)
        await seen.until(lambda: seen.closed == 2)
        samples = await counted(client, "Hung", 2)
    assert of_operation(samples, "Hung", "requests", "seconds_count") == {'requests_total{result="cancelled"}': 2}
    assert of_operation(samples, "Unread", "requests", "executions") == {'requests_total{result="cancelled"}': 3}
    assert of_operation(samples, "Hello", "requests") == {'requests_total{result="ok"}': 1}


async def test_a_client_that_leaves_before_the_last_part_has_cancelled(
    lively_settings: Settings, seen: Watched
) -> None:
    async with serving_on_socket(replace(lively_settings, metrics=True), live_schema()) as server:
        body = {"query": "query Hung { hello ... @defer { never } }"}
        async with server.http.stream("POST", "/graphql", json=body, headers={"Accept": NEW}) as response:
            await anext(response.aiter_raw())
            await seen.until(lambda: seen.open == 1)
        samples = await counted(Client(server.http, server.resources), "Hung", 1)
        body = {"query": "query Hello { hello ... @defer { later(seconds: 0.0) } }"}
        await server.http.post("/graphql", json=body, headers={"Accept": NEW})
        samples |= await page(Client(server.http, server.resources))
    assert of_operation(samples, "Hung", "requests") == {'requests_total{result="cancelled"}': 1}
    assert of_operation(samples, "Hello", "requests") == {'requests_total{result="ok"}': 1}


async def counted(client: Client, operation: str, requests: int) -> dict[str, float]:
    """Returns the samples once so many requests of an operation were counted."""
    async with no_hang():
        while True:
            samples = await page(client)
            if sum(of_operation(samples, operation, "requests").values()) >= requests:
                return samples
            await asyncio.sleep(0.01)


async def test_stored_responses_count_as_requests_without_executions(settings: Settings) -> None:
    stored = replace(settings, metrics=True, cache_url="memory://", cache_explain="off")
    async with serving_on_socket(stored) as server:
        client = Client(server.http, server.resources)
        for _ in range(3):
            await client.data(BEN)
        samples = await page(client)
    assert of_operation(samples, "Ben", "requests", "executions", "bff_response_cache") == {
        'requests_total{result="ok"}': 3,
        "executions_total{}": 1,
        'bff_response_cache_total{result="hit"}': 2,
        'bff_response_cache_total{result="miss"}': 1,
    }


async def test_in_production_only_registered_documents_have_names(settings: Settings) -> None:
    async with serving(replace(settings, metrics_operations="registered")) as client:
        resources = client.resources
        await import_documents(resources.database, "ios", "1.0.0", [NewDocument("1", "Ana", ANA)], resources.clock())
        await refresh_documents(resources)
        await client.http.post("/graphql", json={"documentId": "1"})
        await client.data(ANA)
        await client.data(BEN)
        samples = await page(client)
    assert of_operation(samples, "Ana", "requests") == {'requests_total{result="ok"}': 1}
    assert of_operation(samples, "Ben", "requests") == {}
    assert of_operation(samples, "(others)", "requests") == {'requests_total{result="ok"}': 2}


async def test_names_of_clients_are_bounded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MAX_SENT_NAMES", 2)
    async with serving(settings) as client:
        for name in ("One", "Two", "Three", "Four", "One", "N" * 101, ""):
            await client.data(f"query {name} {{ __typename }}")
        samples = await page(client)
    names = ("One", "Two", "Three", "Four", "(others)", "(unnamed)")
    assert {name: of_operation(samples, name, "requests") for name in names} == {
        "One": {'requests_total{result="ok"}': 2},
        "Two": {'requests_total{result="ok"}': 1},
        "Three": {},
        "Four": {},
        "(others)": {'requests_total{result="ok"}': 4},
        "(unnamed)": {},
    }


async def test_internal_errors_of_an_operation_are_exported_before_the_first(watched: Client) -> None:
    """Prometheus sees no increase of a series that begins with 1."""
    await watched.data(ANA)
    samples = await page(watched)
    label = 'code="INTERNAL_SERVER_ERROR"'
    internal = {name: value for name, value in samples.items() if label in name}
    assert internal == {
        f'bff_operation_errors_total{{{label},operation="{operation}"}}': 0
        for operation in ("(others)", "(unknown)", "Ana")
    }
