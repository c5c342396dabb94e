import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import strawberry

from core.settings import Settings
from gateway.app import create_app
from gateway.overload import Admission
from schema.cost import SEARCH, weighted
from schema.rates import RateClass, counts_as
from tests.support.server import Server, serving_app


class Held:
    """Holds the executions of a schema until a test lets them end. Records the order in which they begin."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.open = asyncio.Event()

    async def enter(self, name: str) -> str:
        self.begun.append(name)
        await self.open.wait()
        return name

    def schema(self) -> strawberry.Schema:
        enter = self.enter

        @strawberry.type
        class Query:
            @strawberry.field
            async def read(self, name: str = "read") -> str:
                return await enter(name)

            @strawberry.field(directives=[weighted(SEARCH)])
            async def search(self) -> str:
                return await enter("search")

        @strawberry.type
        class Mutation:
            @strawberry.mutation
            async def write(self) -> str:
                return await enter("write")

            @strawberry.mutation(metadata=counts_as(RateClass.MONEY))
            async def pay(self) -> str:
                return await enter("pay")

        @strawberry.type
        class Subscription:
            @strawberry.subscription
            async def count(self) -> AsyncGenerator[int]:
                yield 1

        return strawberry.Schema(Query, Mutation, Subscription)


class LimitedServer(NamedTuple):
    """A server that executes one operation at a time."""

    server: Server
    held: Held
    admission: Admission

    async def post(self, query: str, **headers: str) -> Any:
        return await self.server.http.post("/graphql", json={"query": query}, headers=headers)


@asynccontextmanager
async def one_at_a_time(settings: Settings, **chosen: Any) -> AsyncGenerator[LimitedServer]:
    """Serves a held schema. Nothing stalls, and what waits does so for as long as a test takes."""
    held = Held()
    limit = {"overload": "on", "overload_min_executions": 1, "overload_max_executions": 1, "overload_wait": 10.0}
    app = create_app(replace(settings, metrics=True, **(limit | chosen)), schema=held.schema())
    admission: Admission = app.state.operations.admission
    admission._max_stalled = 0
    async with serving_app(settings, app) as server:
        try:
            yield LimitedServer(server, held, admission)
        finally:
            held.open.set()


@pytest.fixture
async def limited(lively_settings: Settings) -> AsyncGenerator[LimitedServer]:
    """A server with room for many requests that wait."""
    async with one_at_a_time(lively_settings) as limited:
        yield limited


@pytest.fixture
async def full(lively_settings: Settings) -> AsyncGenerator[LimitedServer]:
    """A server without room for requests that wait, and with an execution that does not end."""
    async with one_at_a_time(lively_settings, overload_queue=0, max_batch=4) as limited:
        running = asyncio.create_task(limited.post("{ read }"))
        while not limited.held.begun:  # noqa: ASYNC110 - a list of another task
            await asyncio.sleep(0.001)
        yield limited
        limited.held.open.set()
        assert (await running).json() == {"data": {"read": "read"}}
