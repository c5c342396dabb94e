"""Traces of WebSockets, of streams over HTTP and of stored responses."""

from dataclasses import replace

from core.settings import Settings
from tests.gateway.streaming.test_deferred import NEW
from tests.support.live import live_schema
from tests.support.server import serving
from tests.support.sockets import socket_to
from tests.support.timing import no_hang
from tests.traces.support.collector import SERVER, Collector
from tests.traces.support.traced import flush, traced

FOLLOW = "subscription Follow { viewerEvents { __typename } }"


async def test_an_operation_of_a_websocket_has_a_trace_of_its_own(settings: Settings, collector: Collector) -> None:
    traced_settings = replace(settings, otel=collector.url, otel_sample=1.0)
    async with no_hang(), serving(traced_settings) as server, socket_to(server) as client:
        await client.init()
        await client.answers("query Name { __typename }")
        await client.answers("{ nothing }", id="2")
        await flush(server.resources)
    first, second = [span for span in collector.spans if span.kind == SERVER and "subscribe" in span.name]
    assert first.name == "graphql-transport-ws subscribe"
    assert first.attributes == {"network.protocol.name": "websocket", "graphql.operation.name": "Name"}
    assert collector.tree(first.span_id) == ["query"]
    assert (second.failed, second.attributes["error.type"]) == (True, "GRAPHQL_VALIDATION_FAILED")
    assert first.trace_id != second.trace_id


async def test_a_stream_ends_its_span_when_it_begins(settings: Settings, collector: Collector) -> None:
    async with no_hang(), serving(replace(settings, otel=collector.url, otel_sample=1.0)) as server:
        (row,) = await server.resources.database.fetch("SELECT id FROM users WHERE handle = 'ana'")
        headers = {"Authorization": f"Bearer {server.token(row['id'])}", "Accept": "text/event-stream"}
        async with server.http.stream("POST", "/graphql", json={"query": FOLLOW}, headers=headers) as response:
            await anext(response.aiter_raw())
            await flush(server.resources)
            request = collector.named("POST /graphql")
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["graphql.operation.name"] == "Follow"


async def test_a_stored_response_has_one_span_with_the_result_of_the_cache(
    settings: Settings, collector: Collector
) -> None:
    query = "query Hello { viewer { user { handle } } }"
    async with traced(settings, collector, cache_url="memory://", cache_explain="off") as client:
        token = await client.token("ana")
        for _ in range(3):
            await client.post(query, token=token)
        await flush(client.resources)
    results = [span.attributes["bff.cache.result"] for span in collector.spans if span.kind == SERVER]
    assert results == ["miss", "hit", "hit"]
    assert len([span for span in collector.spans if span.name == "query"]) == 1


async def test_the_span_of_a_response_in_parts_ends_with_the_last_part(
    settings: Settings, collector: Collector
) -> None:
    traced_settings = replace(settings, otel=collector.url, otel_sample=1.0)
    query = "query Parts { hello ... @defer { later(seconds: 0.05) } }"
    failing = "{ hello ... @defer { viewerId } }"
    async with no_hang(), serving(traced_settings, live_schema()) as server:
        for text in (query, failing):
            await server.http.post("/graphql", json={"query": text}, headers={"Accept": NEW})
        await flush(server.resources)
    execution, failed = sorted((span for span in collector.spans if span.name == "query"), key=lambda span: span.failed)
    assert execution.attributes == {"graphql.operation.type": "query", "graphql.operation.name": "Parts"}
    assert execution.nanoseconds >= 50_000_000
    assert collector.tree(execution.span_id) == ["Query.later"]
    assert (failed.failed, failed.attributes["error.type"]) == (True, "UNAUTHENTICATED")
    requests = [span for span in collector.spans if span.kind == SERVER]
    assert {span.span_id for span in requests} == {execution.parent_id, failed.parent_id}


async def test_operations_of_a_batch_have_a_span_each(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector, max_batch=2) as client:
        await client.http.post("/graphql", json=[{"query": "{ __typename }"}, {"query": "query B { __typename }"}])
    assert collector.tree() == [("POST /graphql", ["query", "query"])]
