"""Requests that are cancelled while they wait get back what they have taken, except the unit of a request."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from gateway.execution.operations import Operations
from gateway.overload import Admission
from gateway.response_cache.executions import Executions
from tests.gateway.rates.conftest import Send, left
from tests.gateway.rates.test_requests import PAGE, STORED
from tests.support.timing import DEADLINE, no_hang, until


async def cancel(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_request_that_waits_for_an_equal_one(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    execute, share, held, waiting = Operations._execute, Executions._shared, asyncio.Event(), list[str]()

    async def hold(operations: Operations, *parts: Any) -> Any:
        await held.wait()
        return await execute(operations, *parts)

    async def note(executions: Executions, key: str, running: Any) -> Any:
        waiting.append(key)
        return await share(executions, key, running)

    monkeypatch.setattr(Operations, "_execute", hold)
    monkeypatch.setattr(Executions, "_shared", note)
    async with no_hang():
        first: asyncio.Future[Any] = asyncio.ensure_future(send(PAGE, {"n": 30}))
        await asyncio.sleep(0)
        second: asyncio.Future[Any] = asyncio.ensure_future(send(PAGE, {"n": 30}))
        await until(lambda: waiting)
        await cancel(second)
        held.set()
        answer: Any = (await first).json()
        edges = len(answer["data"]["user"]["followers"]["edges"])
    assert left(await send(STORED)) == f'"reads-address";r={150 - (2 + 2 * edges) - 1 - 1}'


async def test_an_operation_that_waits_for_a_place(engine_settings: Settings) -> None:
    limit: dict[str, Any] = {"overload": "on", "overload_min_executions": 1, "overload_max_executions": 1}
    app = create_app(replace(engine_settings, overload_wait=DEADLINE, **limit))
    admission: Admission = app.state.operations.admission
    admission._max_stalled = 0
    async with (
        no_hang(),
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        resources = app.state.resources
        await until(lambda: resources.buckets.is_available and resources.responses.is_available)
        place = admission.take_free(("a document", ""))
        assert place is not None
        batch = [{"query": PAGE, "variables": {"n": 30}}]
        waiting = asyncio.create_task(http.post("/graphql", json=batch))
        await until(lambda: admission.waiting == 1)
        await cancel(waiting)
        place.leave()
        response = await http.post("/graphql", json={"query": STORED})
        assert left(response) == '"reads-address";r=148'
