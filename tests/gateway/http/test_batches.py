"""Several operations in one request, where the setting lets them be."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from httpx2 import ASGITransport, AsyncClient

from core.errors import Unavailable
from core.settings import Settings
from gateway.app import create_app
from gateway.execution.operation import Operation
from gateway.execution.operations import Operations
from schema.context import Info
from tests.support.timing import settings_for

seen: list[str] = []
contexts: list[object] = []


@strawberry.type
class Query:
    @strawberry.field
    async def step(self, info: Info, name: str) -> str:
        seen.append(f"{name} begins")
        contexts.append(info.context)
        await asyncio.sleep(0.01)
        seen.append(f"{name} ends")
        return name


@strawberry.type
class Mutation(Query):
    pass


@pytest.fixture
async def door(settings: Settings) -> AsyncGenerator[AsyncClient]:
    seen.clear()
    contexts.clear()
    taken = settings_for(settings.database_url, max_batch=3)
    app = create_app(taken, schema=strawberry.Schema(Query, Mutation))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield http


def step(name: str, kind: str = "query") -> dict[str, Any]:
    return {"query": f"{kind} ($name: String!) {{ step(name: $name) }}", "variables": {"name": name}}


async def test_an_operation_that_is_unavailable_takes_no_result_of_others(
    door: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Operations._execute

    async def executed(self: Operations, document: Any, operation: Operation, *others: Any) -> Any:
        if operation.variables == {"name": "b"}:
            raise Unavailable("The database does not answer. Try again.")
        return await execute(self, document, operation, *others)

    monkeypatch.setattr(Operations, "_execute", executed)
    for kind in ("query", "mutation"):
        response = await door.post("/graphql", json=[step("a", kind), step("b"), step("c")])
        first, second, third = response.json()
        assert (response.status_code, first, third) == (200, {"data": {"step": "a"}}, {"data": {"step": "c"}})
        assert [error["extensions"]["code"] for error in second["errors"]] == ["UNAVAILABLE"]


async def test_the_answers_come_in_order_each_with_a_context_of_its_own(door: AsyncClient) -> None:
    response = await door.post("/graphql", json=[step("a"), step("b"), step("c")])
    assert response.status_code == 200
    assert response.json() == [{"data": {"step": name}} for name in "abc"]
    assert seen[:3] == ["a begins", "b begins", "c begins"]
    assert len(set(map(id, contexts))) == 3


async def test_with_a_mutation_among_them_they_run_one_after_another(door: AsyncClient) -> None:
    response = await door.post("/graphql", json=[step("a"), step("b", "mutation"), step("c", "mutation")])
    assert response.json() == [{"data": {"step": name}} for name in "abc"]
    assert seen == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


async def test_what_is_wrong_with_one_of_them_is_its_own_answer(door: AsyncClient) -> None:
    batch = [{"query": "{"}, step("a"), {"query": "query ($name: String!) { step(name: $name) }"}]
    answers = (await door.post("/graphql", json=batch)).json()
    assert answers[1] == {"data": {"step": "a"}}
    codes = [answer["errors"][0]["extensions"]["code"] for answer in (answers[0], answers[2])]
    assert codes == ["GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"]


@pytest.mark.parametrize("batch", [[], [step("a")] * 4, [step("a"), None], [step("a"), {"query": 1}], [[step("a")]]])
async def test_what_is_no_batch_is_refused_and_nothing_of_it_runs(door: AsyncClient, batch: Any) -> None:
    response = await door.post("/graphql", json=batch, headers={"Accept": "application/graphql-response+json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert seen == []


async def test_one_request_that_is_no_array_is_answered_as_ever(door: AsyncClient) -> None:
    assert (await door.post("/graphql", json=step("a"))).json() == {"data": {"step": "a"}}


async def test_others_have_their_turn_between_the_operations_of_a_batch(door: AsyncClient) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def turns_of(size: int) -> int:
        before = turns
        answer = await door.post("/graphql", json=[{"query": "{ nothing }"}] * size)
        assert [each["errors"][0]["extensions"]["code"] for each in answer.json()] == [
            "GRAPHQL_VALIDATION_FAILED"
        ] * size
        return turns - before

    beside = asyncio.create_task(take_turns())
    await turns_of(1)  # reads the document, which takes turns too
    one, three = await turns_of(1), await turns_of(3)
    beside.cancel()
    assert three - one >= 2
