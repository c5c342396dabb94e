"""Tests over sockets which requests a server with one place executes, and how it sheds the others."""

import asyncio
import logging
from math import ceil
from typing import Any

import pytest

from gateway.callers.time_limits import HEADER
from gateway.overload import Priority
from tests.gateway.overload.conftest import LimitedServer
from tests.support.sockets import opened
from tests.support.timing import no_hang, until

OPERATIONS = {
    "search": "{ search }",
    "read": "{ read }",
    "write": "mutation { write }",
    "pay": "mutation { pay }",
}
PREFETCH = {"Sec-Purpose": "prefetch;prerender"}


def extensions_of(response: Any) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    return error["extensions"]


async def test_what_waits_is_executed_in_the_order_of_priorities(limited: LimitedServer) -> None:
    running = asyncio.create_task(limited.post('{ read(name: "first") }'))
    await until(lambda: limited.held.begun)
    waiting = [asyncio.create_task(limited.post('{ read(name: "prefetch") }', **PREFETCH))]
    await until(lambda: limited.admission.waiting == 1)
    for number, query in enumerate(OPERATIONS.values(), 2):
        waiting.append(asyncio.create_task(limited.post(query)))
        await until(lambda number=number: limited.admission.waiting == number)
    assert limited.held.begun == ["first"]
    limited.held.open.set()
    async with no_hang():
        responses = [await task for task in (running, *waiting)]
    assert {response.status_code for response in responses} == {200}
    assert limited.held.begun == ["first", "pay", "write", "read", "search", "prefetch"]
    assert (limited.admission.running, limited.admission.waiting) == (0, 0)


async def test_a_rejection_says_when_to_try_again_and_belongs_to_its_request(full: LimitedServer) -> None:
    responses = [await full.post("{ read }", **{"X-Request-Id": f"request-{number}"}) for number in range(3)]
    for number, response in enumerate(responses):
        found = extensions_of(response)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == str(ceil(found["retryAfter"]))
        assert found == {
            "code": "OVERLOADED",
            "requestId": f"request-{number}",
            "retryable": True,
            "documentation": "/errors/OVERLOADED",
            "retryAfter": found["retryAfter"],
        }
    assert full.held.begun == ["read"], "nothing of them was executed"
    assert full.admission.shed[Priority.READ] == 3


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "multipart/mixed"])
async def test_what_waits_is_shed_at_the_deadline_of_its_client(limited: LimitedServer, accept: str) -> None:
    running = asyncio.create_task(limited.post('{ read(name: "first") }'))
    await until(lambda: limited.held.begun)
    async with no_hang():
        query = '{ ... @include(if: true) { read(name: "late") } }'
        response = await limited.post(query, Accept=accept, **{HEADER: "200"})
        assert (response.status_code, extensions_of(response)["code"]) == (503, "OVERLOADED")
        assert not running.done()
        limited.held.open.set()
        await running
    assert limited.held.begun == ["first"]
    assert (limited.admission.running, limited.admission.waiting) == (0, 0)


async def test_a_request_that_is_displaced_gets_its_own_error(limited: LimitedServer) -> None:
    limited.admission._queue._size = 1
    running = asyncio.create_task(limited.post("{ read }"))
    await until(lambda: limited.held.begun)
    search = asyncio.create_task(limited.post("{ search }", **{"X-Request-Id": "the-search"}))
    await until(lambda: limited.admission.waiting == 1)
    pay = asyncio.create_task(limited.post("mutation { pay }"))
    response = await search
    assert (response.status_code, extensions_of(response)["requestId"]) == (503, "the-search")
    limited.held.open.set()
    assert [(await task).status_code for task in (running, pay)] == [200, 200]


async def test_probes_and_metrics_are_never_shed(full: LimitedServer) -> None:
    assert (await full.post("{ read }")).status_code == 503
    paths = ("/livez", "/readyz", "/metrics", "/errors/OVERLOADED")
    responses = [await full.server.http.get(path) for path in paths]
    assert [response.status_code for response in responses] == [200, 200, 200, 200]
    measured = responses[2].text
    for line in (
        "bff_execution_limit 1.0",
        'bff_executions{state="running"} 1.0',
        'bff_executions{state="waiting"} 0.0',
        'bff_shed_total{priority="read"} 1.0',
        'bff_shed_total{priority="money"} 0.0',
    ):
        assert line in measured.splitlines()


async def test_an_operation_over_a_websocket_gets_an_error_and_the_socket_stays_open(full: LimitedServer) -> None:
    async with opened(full.server) as client:
        for query in ("{ read }", "mutation { pay }", "subscription { count }"):
            (message,) = await client.answers(query)
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "OVERLOADED")
        await client.answers("{ read }", extensions={"prefetch": True})
    shed = {priority: times for priority, times in full.admission.shed.items() if times}
    assert shed == {Priority.MONEY: 1, Priority.READ: 2, Priority.PREFETCH: 1}


async def test_each_operation_of_a_batch_has_its_own_error(full: LimitedServer) -> None:
    batch = [{"query": "{ read }"}, {"query": "{ nothing }"}, {"query": "{ search }"}]
    response = await full.server.http.post("/graphql", json=batch)
    codes = [answer["errors"][0]["extensions"]["code"] for answer in response.json()]
    assert codes == ["OVERLOADED", "GRAPHQL_VALIDATION_FAILED", "OVERLOADED"]


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_a_stream_is_shed_before_it_begins(full: LimitedServer, accept: str) -> None:
    response = await full.post("subscription { count }", Accept=accept)
    assert (response.status_code, extensions_of(response)["code"]) == (503, "OVERLOADED")


async def test_known_bytes_are_shed_without_being_read(full: LimitedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await full.post("{ read }")

    def fail(*_: object) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr("gateway.requests.reader.RequestReader.parse", fail)
    second, third = await full.post("{ read }"), await full.post("{ read }", **PREFETCH)
    assert {response.status_code for response in (first, second, third)} == {503}
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert {**extensions_of(second), "requestId": "", "retryAfter": 0} == {
        **extensions_of(first),
        "requestId": "",
        "retryAfter": 0,
    }
    shed = {priority: times for priority, times in full.admission.shed.items() if times}
    assert shed == {Priority.READ: 2, Priority.PREFETCH: 1}


async def test_known_bytes_are_executed_when_there_is_a_place(full: LimitedServer) -> None:
    assert (await full.post("{ search }")).status_code == 503
    full.held.open.set()
    await until(lambda: full.admission.running == 0)
    assert (await full.post("{ search }")).json() == {"data": {"search": "search"}}


async def test_a_rejection_is_no_warning_in_the_log_of_requests(
    full: LimitedServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await full.post("query Screen { read }", **{"Apollographql-Client-Name": "ios"})
        await full.post("query Screen { read }", **{"Apollographql-Client-Name": "ios"})
    lines = [record for record in caplog.records if record.name == "gateway.requests"]
    assert [(line.levelname, vars(line)["operation"], vars(line)["errors"]) for line in lines] == [
        ("INFO", "Screen", ["OVERLOADED"]),
        ("INFO", "Screen", ["OVERLOADED"]),
    ]
    summary = [record.levelname for record in caplog.records if record.name == "gateway.overload"]
    assert summary == ["WARNING"]
